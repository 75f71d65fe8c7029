using BenchmarkDotNet.Attributes;
using Restate.Storage.Logs;
using Restate.Storage.Partitions;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Storage;

/// <summary>What a scan of state costs above the iterator it stands on.</summary>
[MemoryDiagnoser]
public class ScanState
{
    private const int Objects = 200;
    private const int Entries = 500;

    private StorageFolder _folder = null!;
    private PartitionStore _store = null!;
    private PartitionScanLease _lease = null!;

    [GlobalSetup]
    public void Setup()
    {
        _folder = new StorageFolder();
        _store = new PartitionStore(new PartitionId(0), _folder.Open("partition", DatabaseProfile.PartitionStore));
        using (var transaction = new PartitionTransaction(_store))
        {
            for (int number = 0; number < Objects; number++)
            {
                RecordBuffer record = StatePayload.Record(number, Entries);
                LogRecordHeader header = LogRecordHeader.Read(record.Span, out ReadOnlySpan<byte> payload);
                transaction.ReplaceState(header.PartitionKey!.Value, StateMutation.Read(payload));
                record.Release();
            }

            transaction.Commit(new AppliedState(new Lsn(1), 1, 1));
        }

        _store.Flush();
        _lease = new PartitionScanLease(_store.Partition, _store.Database, CancellationToken.None, static () => { });
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _lease.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Objects * Entries)]
    public long Iterator()
    {
        long bytes = 0;
        using RocksIterator iterator = _store.Database.CreateIterator(snapshot: null, fillCache: false);
        for (iterator.SeekToFirst(); iterator.Valid; iterator.Next())
            bytes += iterator.Key.Length + iterator.Value.Length;
        iterator.ThrowIfFailed();
        return bytes;
    }

    [Benchmark(OperationsPerInvoke = Objects * Entries)]
    public long Cursor()
    {
        long bytes = 0;
        using StateCursor cursor = _lease.OpenState(StateScanRange.All);
        while (cursor.MoveNext())
            bytes += cursor.ServiceName.Length + cursor.ServiceKey.Length + cursor.Key.Length + cursor.Value.Length;
        return bytes;
    }
}
