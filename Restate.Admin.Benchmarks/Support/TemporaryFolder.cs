namespace Restate.Admin.Benchmarks.Support;

/// <summary>A fresh folder in the system's temporary folder, removed with everything in it when disposed.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>The full path of the folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("restate-admin-").FullName;

    /// <summary>A path inside the folder; nothing is created.</summary>
    public string Inside(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
