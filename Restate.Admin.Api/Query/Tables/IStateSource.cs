using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Query.Tables;

/// <summary>Where the <c>state</c> table reads: the node's partitions, or a stand-in in tests.</summary>
internal interface IStateSource
{
    /// <summary>Number of partitions; ids are 0 to this − 1.</summary>
    int PartitionCount { get; }

    /// <summary>
    /// True once any partition has held state of a scope: its partition key comes from the scope, so a service key alone does not
    /// say any more where its entries are.
    /// </summary>
    bool HasScopedState => false;

    /// <summary>The partition that owns a key.</summary>
    PartitionId Find(ulong partitionKey);

    /// <summary>Takes the right to read a partition at one snapshot.</summary>
    /// <exception cref="PartitionUnavailableException">The partition cannot serve.</exception>
    ValueTask<IStateLease> AcquireAsync(PartitionId partition, CancellationToken cancellationToken);
}

/// <summary>The right to read one partition. Thread-safe; disposed once, after its cursors.</summary>
internal interface IStateLease : IDisposable
{
    /// <summary>Cancelled when the partition will wait for readers no longer.</summary>
    CancellationToken Interrupted { get; }

    /// <summary>A cursor before the first entry of a range.</summary>
    IStateCursor Open(in StateScanRange range);
}

/// <summary>Walks state entries. Spans are valid until the next <see cref="MoveNext"/>. One thread at a time.</summary>
internal interface IStateCursor : IDisposable
{
    /// <summary>True when this entry belongs to the object of the entry before.</summary>
    bool SameObject { get; }

    ulong PartitionKey { get; }

    /// <summary>True when the object has a scope.</summary>
    bool HasScope => false;

    ReadOnlySpan<byte> Scope => default;

    ReadOnlySpan<byte> ServiceName { get; }

    ReadOnlySpan<byte> ServiceKey { get; }

    ReadOnlySpan<byte> Key { get; }

    ReadOnlySpan<byte> Value { get; }

    /// <summary>Steps to the next entry; false at the end.</summary>
    bool MoveNext();

    /// <summary>Goes on before the first entry of another range of the same partition.</summary>
    /// <returns>False when it needs a cursor of its own.</returns>
    bool TryRestart(in StateScanRange range);
}
