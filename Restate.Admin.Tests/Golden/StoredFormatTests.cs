using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Admin.Tests.Storage.Partitions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Encoding;
using Restate.Storage.Logs;
using Restate.Storage.Metadata;
using Restate.Storage.Partitions;
using Restate.Storage.Processing;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;
using static Restate.Admin.Tests.Storage.Partitions.TestMutations;

namespace Restate.Admin.Tests.Golden;

/// <summary>Keys, values, records and hashes, byte for byte.</summary>
public sealed class StoredFormatTests : IDisposable
{
    private const ulong Time = 1_763_861_903_000;
    private static readonly LogId Log = new(258);
    private static readonly byte[] Version = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly TestDatabases _databases = new();

    public void Dispose() => _databases.Dispose();

    [Fact]
    public async Task Every_kind_of_key_is_written_as_ever()
    {
        List<(byte[] Key, byte[] Value)> entries = [.. WritePartition(), .. await WriteLogsAsync(), .. await WriteMetadataAsync()];
        ILookup<KeyKind, string> kinds = entries.ToLookup(
            entry => new KeyReader(entry.Key).Kind(),
            entry => $"{Convert.ToHexStringLower(entry.Key)} {Convert.ToHexStringLower(entry.Value)}".TrimEnd());
        Assert.Equal(Enum.GetValues<KeyKind>().Order(), kinds.Select(kind => kind.Key).Order());
        foreach (IGrouping<KeyKind, string> kind in kinds)
            GoldenFiles.Check($"keys/{kind.Key}.hex", kind);
    }

    [Fact]
    public void A_partition_store_of_these_bytes_reads_as_ever()
    {
        using PartitionStore store = new(new PartitionId(0), Load("partition", KeyKind.FormatVersion, KeyKind.AppliedLsn, KeyKind.ScopedState, KeyKind.State));
        Assert.Equal(new AppliedState(new Lsn(772), 3, Time), store.ReadApplied());
        Assert.True(store.HasScopedState);
        Assert.Equal(
            [
                "1417734710680270745 Counter/a count=10",
                "1417734710680270745 Counter/a empty=",
                "1417734710680270745 Counter/a label=\\00\\ff",
                "2672026701831783409 Sv\\00c/obj-1 =nameless",
                "2672026701831783409 Sv\\00c/obj-1 k\\00=zero",
                "9413875479566793588 @s1 Counter/a count=11",
            ],
            Rows(store));
    }

    [Fact]
    public void A_log_store_of_these_bytes_reads_as_ever()
    {
        using var store = new LogStore(
            "replicated", Load("logs", KeyKind.FormatVersion, KeyKind.LogRecord, KeyKind.LogTrimPoint), NullLogger.Instance);
        ILoglet loglet = store.Open(Log);
        Assert.Equal((new Lsn(3), new Lsn(1)), (loglet.Tail, loglet.TrimPoint));
        var entries = new List<LogEntry>();
        loglet.Read(new Lsn(2), loglet.Tail, long.MaxValue, entries);
        Assert.Equal(Records().Skip(1).Select(record => record.Bytes), entries.Select(entry => entry.Record.Span.ToArray()));
        foreach (LogEntry entry in entries)
            entry.Record.Release();
    }

    [Fact]
    public async Task A_metadata_store_of_these_bytes_reads_as_ever()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using var store = new RocksMetadataStore(Load("metadata", KeyKind.FormatVersion, KeyKind.Metadata));
        Assert.Equal(new NodeMetadata(24, "replicated"), await NodeMetadata.LoadOrCreateAsync(store, 1, "in-memory", hasData: true, cancel));
        VersionedValue epoch = (await store.GetAsync("partition-epoch/7", cancel))!.Value;
        Assert.Equal((2U, "0000000000000005"), (epoch.Version, Convert.ToHexString(epoch.Bytes.Span)));
    }

    [Fact]
    public void Every_kind_of_log_record_is_written_and_read_as_ever()
    {
        Assert.Equal(Enum.GetValues<LogRecordKind>(), Records().Select(record => record.Header.Kind).Distinct().Order());
        foreach (IGrouping<LogRecordKind, (LogRecordHeader Header, byte[] Bytes)> kind in Records().GroupBy(record => record.Header.Kind))
        {
            string name = $"records/{kind.Key}.hex";
            GoldenFiles.Check(name, kind.Select(record => Convert.ToHexStringLower(record.Bytes)));
            Assert.Equal(
                kind.Select(record => record.Header),
                GoldenFiles.Read(name).Select(line => LogRecordHeader.Read(Convert.FromHexString(line), out _)));
        }
    }

    [Fact]
    public void A_state_mutation_of_these_bytes_reads_as_ever()
    {
        byte[][] records = [.. GoldenFiles.Read($"records/{LogRecordKind.StateMutation}.hex").Select(Convert.FromHexString)];
        LogRecordHeader.Read(records[0], out ReadOnlySpan<byte> payload);
        StateMutation scoped = StateMutation.Read(payload);
        Assert.Equal(("s1", "Counter", "a", 2U), (Text(scoped.Scope), Text(scoped.ServiceName), Text(scoped.ServiceKey), scoped.Remaining));
        Assert.Equal(Version, scoped.ExpectedVersion.ToArray());
        Assert.True(scoped.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value));
        Assert.Equal(("count", "10"), (Text(key), Text(value)));

        LogRecordHeader.Read(records[1], out payload);
        StateMutation cleared = StateMutation.Read(payload);
        Assert.Equal((0, "Counter", "a", 0, 0U), (cleared.Scope.Length, Text(cleared.ServiceName), Text(cleared.ServiceKey), cleared.ExpectedVersion.Length, cleared.Remaining));
    }

    [Fact]
    public void Partition_keys_are_what_they_always_were() =>
        GoldenFiles.Check(
            "partition-keys.txt",
            new[] { "a", "obj-1", "s1", string.Empty, "Straße", new string('x', 300) }.Select(
                text => string.Create(CultureInfo.InvariantCulture, $"{PartitionKey.Of(text)} {text}")));

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    private static (LogRecordHeader Header, byte[] Bytes)[] Records()
    {
        return
        [
            Record(new LogRecordHeader(LogRecordKind.AnnounceLeader, 3, Time, PartitionKey: null), []),
            Record(
                new LogRecordHeader(LogRecordKind.StateMutation, 3, Time + 1, PartitionKey.Of("s1")),
                Payload(Bytes("s1"), Bytes("Counter"), Bytes("a"), Version, (Bytes("count"), Bytes("10")), (Bytes("long"), new byte[200]))),
            Record(new LogRecordHeader(LogRecordKind.StateMutation, 3, Time + 2, PartitionKey.Of("a")), Payload("Counter", "a", [])),
        ];

        static (LogRecordHeader, byte[]) Record(LogRecordHeader header, byte[] payload)
        {
            byte[] bytes = [.. new byte[header.Length], .. payload];
            header.Write(bytes);
            return (header, bytes);
        }
    }

    private List<(byte[] Key, byte[] Value)> WritePartition()
    {
        using PartitionStore store = TestMutations.Open(_databases);
        using (var transaction = new PartitionTransaction(store))
        {
            transaction.ReplaceState(PartitionKey.Of("a"), StateMutation.Read(Payload(
                [], Bytes("Counter"), Bytes("a"), [], (Bytes("count"), Bytes("10")), (Bytes("empty"), []), (Bytes("label"), [0x00, 0xFF]))));
            transaction.ReplaceState(PartitionKey.Of("obj-1"), StateMutation.Read(Payload(
                [], Bytes("Sv\0c"), Bytes("obj-1"), [], ([], Bytes("nameless")), (Bytes("k\0"), Bytes("zero")))));
            transaction.ReplaceState(PartitionKey.Of("s1"), StateMutation.Read(Payload("Counter", "a", ["count=11"], scope: "s1")));
            transaction.Commit(new AppliedState(new Lsn(772), 3, Time));
        }

        return TestDatabases.Dump(store.Database);
    }

    private async Task<List<(byte[] Key, byte[] Value)>> WriteLogsAsync()
    {
        RocksDatabase database = _databases.Open("log-store", DatabaseProfile.LogStore);
        using var store = new LogStore("replicated", database, NullLogger.Instance);
        ILoglet loglet = store.Open(Log);
        foreach ((_, byte[] bytes) in Records())
        {
            RecordBuffer record = RecordBuffer.Copy(bytes);
            await loglet.AppendAsync(record);
            record.Release();
        }

        loglet.Trim(Lsn.First);

        // The version is the same key in all databases; one of them shows it.
        return [.. TestDatabases.Dump(database).Where(entry => new KeyReader(entry.Key).Kind() != KeyKind.FormatVersion)];
    }

    private async Task<List<(byte[] Key, byte[] Value)>> WriteMetadataAsync()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        RocksDatabase database = _databases.Open("metadata-store", DatabaseProfile.Metadata);
        using var store = new RocksMetadataStore(database);
        await NodeMetadata.LoadOrCreateAsync(store, 24, "replicated", hasData: false, cancel);
        await store.PutAsync("partition-epoch/7", new byte[8], Precondition.None, cancel);
        await store.PutAsync("partition-epoch/7", new byte[] { 0, 0, 0, 0, 0, 0, 0, 5 }, Precondition.Matches(1), cancel);
        return [.. TestDatabases.Dump(database).Where(entry => new KeyReader(entry.Key).Kind() != KeyKind.FormatVersion)];
    }

    private RocksDatabase Load(string name, params KeyKind[] kinds)
    {
        RocksDatabase database = _databases.Open(name);
        using var batch = new RocksBatch();
        foreach (string[] parts in kinds.SelectMany(kind => GoldenFiles.Read($"keys/{kind}.hex")).Select(line => line.Split(' ')))
            batch.Put(Convert.FromHexString(parts[0]), parts.Length > 1 ? Convert.FromHexString(parts[1]) : []);
        database.Write(batch, WriteDurability.Memtable);
        return database;
    }
}
