using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

/// <summary>A folder of its own for each test, and the loader with nothing of the machine in it.</summary>
public abstract class ConfigurationFixture : IDisposable
{
    protected const long ProcessLimit = 4L << 30;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("restate-config-").FullName;

    protected string BaseDir => Path.Combine(Folder, "data");

    protected string OverridesFile => Path.Combine(BaseDir, "host-1", "runtime-overrides.toml");

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Loads with a config file of this text (null: none), these variables and these flags, below this test's folder.</summary>
    protected ConfigurationStore Load(string? toml = null, (string Name, string Value)[]? environment = null, params string[] flags)
    {
        string[] file = toml is null ? [] : ["--config-file", WriteFile("restate.toml", toml)];
        return ConfigurationLoader.Load(
            CommandLine.Parse([.. file, "--base-dir", BaseDir, .. flags]),
            (environment ?? []).ToDictionary(variable => variable.Name, variable => variable.Value),
            "host-1",
            () => ProcessLimit);
    }

    protected RestateConfiguration LoadValue(string? toml = null, (string Name, string Value)[]? environment = null, params string[] flags) =>
        Load(toml, environment, flags).Current.Value;

    /// <summary>The errors of a load that must fail without leaving anything on disk.</summary>
    protected IReadOnlyList<string> LoadErrors(string? toml = null, (string Name, string Value)[]? environment = null, params string[] flags)
    {
        var failure = Assert.Throws<ConfigurationLoadException>(() => Load(toml, environment, flags));
        Assert.False(Directory.Exists(BaseDir));
        Assert.All(failure.Message.Split('\n'), line => Assert.StartsWith("[RT0002] configuration loading error: ", line));
        Assert.Equal(failure.Errors.Count, failure.Message.Split('\n').Length);
        return failure.Errors;
    }

    protected string WriteFile(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    protected static IReadOnlyDictionary<string, object?> Patch(params (string Key, object? Value)[] entries) =>
        entries.ToDictionary(entry => entry.Key, entry => entry.Value);
}
