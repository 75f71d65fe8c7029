using Restate.Storage.Memory;
using Restate.Storage.Rocks;
using Restate.Storage.Rocks.Interop;
using Restate.Storage.Types;

namespace Restate.Admin.Tests.Storage.Rocks;

/// <summary>Tests that read counters of the whole process: nothing else runs beside them.</summary>
[Xunit.CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessWideCounters
{
    public const string Name = "process-wide counters";

    /// <summary>Native objects of RocksDB that are alive once what earlier tests forgot is collected.</summary>
    internal static long LiveHandles()
    {
        Collect();
        return RocksHandles.Live;
    }

    internal static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}

/// <summary>A directory of its own and databases in it under one manager; all gone when the test ends.</summary>
internal sealed class TestDatabases : IDisposable
{
    public static readonly WriteBufferSettings Settings = new(1 << 20, 128 << 10, 4, 2);

    private readonly List<RocksDatabase> _opened = [];

    public TestDatabases(long cacheBytes = 256 << 20, long writeBufferBytes = 200 << 20)
        => Manager = new RocksDbManager(cacheBytes, writeBufferBytes, maxOpenFiles: 64);

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("restate-storage-").FullName;

    public RocksDbManager Manager { get; }

    public RocksMetrics Metrics => new(Manager);

    public DatabaseSpec Spec(string name, DatabaseProfile profile = DatabaseProfile.PartitionStore) => new(
        name,
        Path.Combine(Directory, name),
        profile,
        profile switch
        {
            DatabaseProfile.LogStore => MemoryComponent.LogServer,
            DatabaseProfile.Metadata => MemoryComponent.MetadataServer,
            _ => MemoryComponent.PartitionStore,
        },
        profile == DatabaseProfile.PartitionStore ? new PartitionId(0) : null,
        Settings);

    public RocksDatabase Open(string name, DatabaseProfile profile = DatabaseProfile.PartitionStore)
    {
        RocksDatabase database = Manager.Open(Spec(name, profile));
        _opened.Add(database);
        return database;
    }

    public void Dispose()
    {
        foreach (RocksDatabase database in _opened)
            database.Dispose();
        Manager.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    public static void Put(RocksDatabase database, byte[] key, byte[] value, WriteDurability durability = WriteDurability.Memtable)
    {
        using var batch = new RocksBatch();
        batch.Put(key, value);
        database.Write(batch, durability);
    }

    /// <summary>All keys and values in order.</summary>
    public static List<(byte[] Key, byte[] Value)> Dump(RocksDatabase database)
    {
        var entries = new List<(byte[], byte[])>();
        using RocksIterator iterator = database.CreateIterator(snapshot: null, fillCache: false);
        for (iterator.SeekToFirst(); iterator.Valid; iterator.Next())
            entries.Add((iterator.Key.ToArray(), iterator.Value.ToArray()));
        iterator.ThrowIfFailed();
        return entries;
    }

    /// <summary>Copies a directory tree, as a kill would leave it: what only memory held is not in the copy.</summary>
    /// <remarks>RocksDB may drop and write files meanwhile; a kill has one moment, so a copy that saw two is made again.</remarks>
    public static void CopyTree(string from, string to)
    {
        while (!TryCopyTree(from, to))
            System.IO.Directory.Delete(to, recursive: true);
    }

    private static bool TryCopyTree(string from, string to)
    {
        (string Path, long Length)[] before = Files(from);
        System.IO.Directory.CreateDirectory(to);
        try
        {
            foreach ((string path, _) in before)
            {
                string target = Path.Combine(to, Path.GetRelativePath(from, path));
                System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(path, target);
            }

            return before.SequenceEqual(Files(from));
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    private static (string Path, long Length)[] Files(string directory) =>
    [
        .. new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.Name is not ("LOCK" or "node.lock"))
            .OrderBy(file => file.FullName, StringComparer.Ordinal)
            .Select(file => (file.FullName, file.Exists ? file.Length : -1)),
    ];
}
