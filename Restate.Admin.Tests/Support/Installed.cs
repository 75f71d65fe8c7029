using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.Support;

/// <summary>Tools that not every machine has. A test that needs one is skipped without it, and says so.</summary>
internal static class Installed
{
    /// <summary>The program of Prometheus.</summary>
    public const string Prometheus = "prometheus";

    /// <summary>Prometheus' tool for pages of metrics, rules and settings.</summary>
    public const string Promtool = "promtool";

    /// <summary>Skips the running test where the packages of the SDK service are not installed.</summary>
    public static void RequireSdkService() => Assert.SkipUnless(
        SdkService.IsInstalled, "the Restate SDK is not installed: run `npm ci` in Restate.Admin.Tests/EndToEnd/sdk-service");

    /// <summary>The program of the browser; skips the running test where there is none.</summary>
    public static string RequireChromium()
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator)
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "no Chromium in PATH: run `apt-get install chromium`, or `bash .ci/run --install`");
        return program!;
    }

    /// <summary>Skips the running test where Restate is not installed.</summary>
    public static void RequirePeer() => Assert.SkipUnless(
        PeerInstall.At(directory: null).IsPresent,
        $"Restate {PeerInstall.Version} is not installed: run `bash .ci/run --install`, or set {PeerInstall.DirectoryVariable} to an npm folder that holds it");

    /// <summary>Skips the running test where Restate's command line client is not installed.</summary>
    public static void RequireCli() => Assert.SkipUnless(
        PeerInstall.At(directory: null).IsCliPresent,
        $"the command line client of Restate {PeerInstall.Version} is not installed: run `bash .ci/run --install`, or set {PeerInstall.DirectoryVariable} to an npm folder that holds it");

    /// <summary>Skips the running test where Prometheus is not installed.</summary>
    public static void RequirePrometheus() => Assert.SkipUnless(
        IsOnPath(Prometheus), "Prometheus is not installed: run `bash Restate.Admin.Tests/Containers/install.sh`");

    /// <summary>Skips the running test where promtool, which comes with Prometheus, is not installed.</summary>
    public static void RequirePromtool() => Assert.SkipUnless(
        IsOnPath(Promtool), "promtool is not installed: run `bash Restate.Admin.Tests/Containers/install.sh`");

    /// <summary>Skips the running test where jq is not installed.</summary>
    public static void RequireJq() => Assert.SkipUnless(IsOnPath("jq"), "jq is not installed: run `apt-get install jq`, or `bash .ci/run --install`");

    /// <summary>Skips the running test where podman or the base images of the Dockerfile are not installed.</summary>
    public static void RequireContainers(bool present) => Assert.SkipUnless(
        present, "podman and the base images are not installed: run `bash Restate.Admin.Tests/Containers/install.sh` as root");

    /// <summary>Skips the running test where there is no program for compose files.</summary>
    public static void RequireCompose() => Assert.SkipUnless(
        IsOnPath("docker-compose"), "docker-compose is not installed: run `bash Restate.Admin.Tests/Containers/install.sh` as root");

    /// <summary>True when a program of this name is in a folder of PATH.</summary>
    public static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
