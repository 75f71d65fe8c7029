using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Storage.Rocks;

/// <summary>How a database is used; decides the options that are not about memory.</summary>
internal enum DatabaseProfile
{
    /// <summary>No write-ahead log, scanned by prefix, looked up by key.</summary>
    PartitionStore,

    /// <summary>Write-ahead log, appended and trimmed, read from recent to old.</summary>
    LogStore,

    /// <summary>Small, written rarely, every write synced.</summary>
    Metadata,
}

/// <summary>What it takes to open a database.</summary>
/// <param name="Name">Unique name on the node, for messages and metrics.</param>
/// <param name="Path">Its directory.</param>
/// <param name="Profile">How it is used.</param>
/// <param name="Component">The component whose memtable budget it lives on.</param>
/// <param name="Partition">The partition it stores, when it is a partition store.</param>
/// <param name="Settings">Memtable settings at open.</param>
internal readonly record struct DatabaseSpec(
    string Name,
    string Path,
    DatabaseProfile Profile,
    MemoryComponent Component,
    PartitionId? Partition,
    WriteBufferSettings Settings);
