using Restate.Storage.Memory;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Storage;

/// <summary>A folder with databases for one benchmark.</summary>
internal sealed class StorageFolder : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("restate-benchmark-").FullName;

    public string Path => _directory;

    public RocksDbManager Manager { get; } = new(512L << 20, 400L << 20, maxOpenFiles: 256);

    public RocksDatabase Open(string name, DatabaseProfile profile) => Manager.Open(new DatabaseSpec(
        name,
        System.IO.Path.Combine(_directory, name),
        profile,
        profile == DatabaseProfile.LogStore ? MemoryComponent.LogServer : MemoryComponent.PartitionStore,
        profile == DatabaseProfile.PartitionStore ? new PartitionId(0) : null,
        new WriteBufferSettings(32 << 20, 1 << 20, 4, 2)));

    /// <summary>Closes what is shared; the databases must be closed before.</summary>
    public void Dispose()
    {
        Manager.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
