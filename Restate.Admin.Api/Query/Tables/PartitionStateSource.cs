using Restate.Storage.Partitions;
using Restate.Storage.Processing;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Query.Tables;

/// <summary>The node's partition stores as the source of the <c>state</c> table.</summary>
internal sealed class PartitionStateSource(PartitionManager partitions) : IStateSource
{
    public int PartitionCount => partitions.PartitionCount;

    public bool HasScopedState => partitions.HasScopedState;

    public PartitionId Find(ulong partitionKey) => partitions.Find(partitionKey);

    public async ValueTask<IStateLease> AcquireAsync(PartitionId partition, CancellationToken cancellationToken) =>
        new Lease(await partitions.AcquireScanAsync(partition, cancellationToken));

    private sealed class Lease(PartitionScanLease lease) : IStateLease
    {
        public CancellationToken Interrupted => lease.Interrupted;

        public IStateCursor Open(in StateScanRange range) => new Cursor(lease.OpenState(range));

        public void Dispose() => lease.Dispose();
    }

    private sealed class Cursor(StateCursor cursor) : IStateCursor
    {
        public bool SameObject => cursor.SameObject;

        public ulong PartitionKey => cursor.PartitionKey;

        public bool HasScope => cursor.HasScope;

        public ReadOnlySpan<byte> Scope => cursor.Scope;

        public ReadOnlySpan<byte> ServiceName => cursor.ServiceName;

        public ReadOnlySpan<byte> ServiceKey => cursor.ServiceKey;

        public ReadOnlySpan<byte> Key => cursor.Key;

        public ReadOnlySpan<byte> Value => cursor.Value;

        public bool MoveNext() => cursor.MoveNext();

        public bool TryRestart(in StateScanRange range) => cursor.TryRestart(range);

        public void Dispose() => cursor.Dispose();
    }
}
