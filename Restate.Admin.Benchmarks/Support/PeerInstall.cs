using System.Runtime.InteropServices;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>The peer, as npm installs it by name into a folder.</summary>
/// <param name="Directory">The folder that holds its <c>node_modules</c>.</param>
internal sealed record PeerInstall(string Directory)
{
    /// <summary>The version every comparison is made with.</summary>
    public const string Version = "1.7.12";

    /// <summary>Names the folder to use; where it is unset, a folder of the system's temporary folder is.</summary>
    public const string DirectoryVariable = "PEER_DIR";

    private const string Package = "@restatedev/restate-server";
    private const string CliPackage = "@restatedev/restate";

    /// <summary>The server itself and not its npm wrapper: signals, process id and memory are then its own.</summary>
    public string ServerProgram => Program(Package, "restate-server");

    /// <summary>The command line client itself and not its npm wrapper.</summary>
    public string CliProgram => Program(CliPackage, "restate");

    /// <summary>True when the server can be started from there.</summary>
    public bool IsPresent => File.Exists(ServerProgram);

    /// <summary>True when the command line client can be started from there.</summary>
    public bool IsCliPresent => File.Exists(CliProgram);

    private static string Platform => OperatingSystem.IsMacOS() ? "darwin" : "linux";

    /// <summary>The install in <paramref name="directory"/>, else in <c>PEER_DIR</c>, else in the temporary folder; it may be absent.</summary>
    public static PeerInstall At(string? directory) =>
        new(Path.GetFullPath(directory
            ?? Environment.GetEnvironmentVariable(DirectoryVariable)
            ?? Path.Combine(Path.GetTempPath(), "restate-admin-peer-" + Version)));

    /// <summary>Installs it when it is absent.</summary>
    /// <exception cref="ScenarioException">npm failed; the message holds its output.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (IsPresent)
            return;
        System.IO.Directory.CreateDirectory(Directory);
        await Npm.RunAsync(Directory, cancellationToken, "install", "--prefix", Directory, "--no-save", $"{Package}@{Version}");
        ScenarioException.Require(IsPresent, $"npm installed {Package}@{Version}, but {ServerProgram} is not there");
    }

    private string Program(string package, string name) => Path.Combine(
        Directory, "node_modules", $"{package}-{Platform}-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}", "bin", name);
}
