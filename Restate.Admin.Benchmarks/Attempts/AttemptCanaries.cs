using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>Files that show what an attempt reached: one that must not be read, a folder that must stay empty.</summary>
internal sealed class AttemptCanaries : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _targetFolder;

    /// <param name="spill">The folder the server's queries spill to.</param>
    internal AttemptCanaries(string spill)
    {
        _targetFolder = _folder.Inside("empty");
        Directory.CreateDirectory(_targetFolder);
        Secret = "canary-" + Guid.NewGuid().ToString("N");
        string secret = _folder.Inside("secret.csv");
        File.WriteAllText(secret, $"a,b\n{Secret},1\n");
        Targets = new AttemptTargets(secret, Path.Combine(_targetFolder, "target"), spill);
    }

    /// <summary>What stands in the secret file.</summary>
    internal string Secret { get; }

    /// <summary>What to aim at.</summary>
    internal AttemptTargets Targets { get; }

    /// <summary>What was made that must not be there; null when all is well. Only once no query runs any more.</summary>
    internal string? Fault()
    {
        string[] made = Directory.GetFileSystemEntries(_targetFolder);
        if (made.Length > 0)
            return $"files were made: {string.Join(", ", made)}";
        string[] spilled = Directory.Exists(Targets.Spill) ? Directory.GetFileSystemEntries(Targets.Spill) : [];
        return spilled.Length > 0 ? $"the spill folder holds {string.Join(", ", spilled)}" : null;
    }

    public void Dispose() => _folder.Dispose();
}
