using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Tests.Storage.Partitions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Logs;
using Restate.Storage.Memory;
using Restate.Storage.Partitions;
using Restate.Storage.Processing;
using Restate.Storage.Types;
using Xunit;
using static Restate.Admin.Tests.Storage.Partitions.TestMutations;

namespace Restate.Admin.Tests.Storage.Processing;

/// <summary>What a processor makes of the records of a log.</summary>
public sealed class PartitionProcessorTests : IDisposable
{
    private static readonly LogId Log = new(0);

    private readonly TestDatabases _databases = new();
    private readonly WriteAdmission _admission;
    private readonly Bifrost _bifrost;
    private readonly PartitionStore _store;

    public PartitionProcessorTests()
    {
        _admission = new WriteAdmission(_databases.Manager, TimeProvider.System, NullLogger<WriteAdmission>.Instance);
        _bifrost = new Bifrost(new Dictionary<LogId, ILogletProvider> { [Log] = new InMemoryLoglets() }, recordCacheBytes: 0);
        _store = TestMutations.Open(_databases);
    }

    public void Dispose()
    {
        _store.Dispose();
        _bifrost.Dispose();
        _admission.Dispose();
        _databases.Dispose();
    }

    [Fact]
    public async Task Records_of_an_epoch_below_the_announced_one_have_no_effect()
    {
        await AnnounceAsync(epoch: 2);
        await MutateAsync(epoch: 2, "k", "a=2");
        await AnnounceAsync(epoch: 4);
        await MutateAsync(epoch: 2, "k", "a=late");
        await MutateAsync(epoch: 3, "other", "a=late");
        await AnnounceAsync(epoch: 3);
        await MutateAsync(epoch: 3, "k", "a=still late");
        Assert.Equal(["1 S/k a=2"], await ApplyAsync(_store));
        Assert.Equal((new Lsn(7), 4UL), (_store.ReadApplied().Lsn, _store.ReadApplied().LeaderEpoch));

        await MutateAsync(epoch: 4, "k", "a=4");
        Assert.Equal(["1 S/k a=4"], await ApplyAsync(_store));
    }

    [Fact]
    public async Task An_epoch_is_remembered_over_a_restart()
    {
        await AnnounceAsync(epoch: 5);
        await ApplyAsync(_store);
        await MutateAsync(epoch: 4, "k", "a=late");
        Assert.Empty(await ApplyAsync(_store));
    }

    [Fact]
    public async Task Changes_of_one_object_build_on_each_other_whatever_the_batches()
    {
        await AnnounceAsync(epoch: 1);
        for (int i = 1; i <= 50; i++)
        {
            await MutateAsync(epoch: 1, "k", "always=here", $"key-{i % 7}={i}");
            await MutateAsync(epoch: 1, $"k{i % 3}", $"key-{i}={i}");
        }

        string[] expected = ["1 S/k always=here", "1 S/k key-1=50", "1 S/k0 key-48=48", "1 S/k1 key-49=49", "1 S/k2 key-50=50"];
        Assert.Equal(expected, await ApplyAsync(_store));

        // A store that starts later, and one that stops after every record, end in the same state.
        using PartitionStore replayed = TestMutations.Open(_databases, "replayed");
        Assert.Equal(expected, await ApplyAsync(replayed));
        Assert.Equal(_store.ReadApplied(), replayed.ReadApplied());
    }

    [Fact]
    public async Task Time_and_lsn_come_from_the_last_record()
    {
        await AnnounceAsync(epoch: 1);
        await AppendAsync(new LogRecordHeader(LogRecordKind.StateMutation, 1, CreatedAtMs: 12_345, PartitionKey: 1), Payload("S", "k", ["a=1"]));
        await ApplyAsync(_store);
        Assert.Equal(new AppliedState(new Lsn(2), 1, 12_345), _store.ReadApplied());
    }

    [Fact]
    public async Task A_large_run_of_records_is_applied_in_several_batches()
    {
        await AnnounceAsync(epoch: 1);
        string value = new('v', 100_000);
        for (int i = 0; i < 30; i++)
            await MutateAsync(epoch: 1, $"k{i:00}", $"a={value}");
        Assert.Equal(30, (await ApplyAsync(_store)).Count);
    }

    [Theory]
    [InlineData((byte)LogRecordKind.StateMutation, null, "log 0: record 2 has no partition key")]
    [InlineData((byte)99, 1UL, "log 0: record 2 has kind 99 that this build does not know")]
    public async Task A_record_that_makes_no_sense_stops_the_processor(byte kind, ulong? key, string message)
    {
        await AnnounceAsync(epoch: 1);
        await AppendAsync(new LogRecordHeader((LogRecordKind)kind, 1, 1, key), Payload("S", "k", ["a=1"]));
        using var processor = new PartitionProcessor(_store, _bifrost[Log], _admission, TimeProvider.System);
        var failure = await Assert.ThrowsAsync<StorageException>(() => processor.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(message, failure.Message);
        Assert.Empty(Rows(_store));
    }

    [Fact]
    public async Task A_malformed_mutation_stops_the_processor_and_leaves_the_store_as_it_was()
    {
        await AnnounceAsync(epoch: 1);
        await MutateAsync(epoch: 1, "k", "a=1");
        await ApplyAsync(_store);
        byte[] payload = Payload("S", "k", ["b=2"]);
        await AppendAsync(new LogRecordHeader(LogRecordKind.StateMutation, 1, 1, 1), payload[..^1]);
        using var processor = new PartitionProcessor(_store, _bifrost[Log], _admission, TimeProvider.System);
        await Assert.ThrowsAsync<StorageException>(() => processor.RunAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["1 S/k a=1"], Rows(_store));
        Assert.Equal(new Lsn(2), _store.ReadApplied().Lsn);
    }

    /// <summary>Runs a processor until it has applied the log, stops it, and gives the rows.</summary>
    private async Task<List<string>> ApplyAsync(PartitionStore store)
    {
        using var stop = new CancellationTokenSource();
        using var processor = new PartitionProcessor(store, _bifrost[Log], _admission, TimeProvider.System);
        Task running = Task.Run(() => processor.RunAsync(stop.Token), TestContext.Current.CancellationToken);
        await Eventually.HoldsAsync(() => processor.Applied == _bifrost[Log].Tail || running.IsCompleted, "the log is applied");
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // One of the two ways to end; the other is to have noticed between two batches.
        }

        return Rows(store);
    }

    private Task AnnounceAsync(ulong epoch) => AppendAsync(new LogRecordHeader(LogRecordKind.AnnounceLeader, epoch, 1, PartitionKey: null), []);

    private Task MutateAsync(ulong epoch, string key, params string[] pairs) =>
        AppendAsync(new LogRecordHeader(LogRecordKind.StateMutation, epoch, 1, PartitionKey: 1), Payload("S", key, pairs));

    private async Task AppendAsync(LogRecordHeader header, byte[] payload)
    {
        byte[] bytes = [.. new byte[header.Length], .. payload];
        header.Write(bytes);
        RecordBuffer record = RecordBuffer.Copy(bytes);
        await _bifrost[Log].AppendAsync(record);
        record.Release();
    }
}
