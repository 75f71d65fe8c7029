using BenchmarkDotNet.Attributes;
using Restate.Storage.Logs;
using Restate.Storage.Partitions;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Storage;

/// <summary>What a processor does with a batch of records: replace the state of objects that already have one.</summary>
[MemoryDiagnoser]
public class ApplyRecords
{
    private const int Records = 64;

    private StorageFolder _folder = null!;
    private PartitionStore _store = null!;
    private PartitionTransaction _transaction = null!;
    private RecordBuffer[] _records = null!;
    private ulong _lsn;

    /// <summary>Entries of each object.</summary>
    [Params(5, 500)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _folder = new StorageFolder();
        _store = new PartitionStore(new PartitionId(0), _folder.Open("partition", DatabaseProfile.PartitionStore));
        _transaction = new PartitionTransaction(_store);
        _records = [.. Enumerable.Range(0, Records).Select(number => StatePayload.Record(number, Entries))];
        Apply();
        _store.Flush();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (RecordBuffer record in _records)
            record.Release();
        _transaction.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public void Apply()
    {
        foreach (RecordBuffer record in _records)
        {
            LogRecordHeader header = LogRecordHeader.Read(record.Span, out ReadOnlySpan<byte> payload);
            _transaction.ReplaceState(header.PartitionKey!.Value, StateMutation.Read(payload));
        }

        _transaction.Commit(new AppliedState(new Lsn(++_lsn), 1, 1));
        _transaction.Reset();
    }
}
