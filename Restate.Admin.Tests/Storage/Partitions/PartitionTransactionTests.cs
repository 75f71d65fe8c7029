using CsCheck;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Partitions;
using Restate.Storage.Types;
using Xunit;
using static Restate.Admin.Tests.Storage.Partitions.TestMutations;

namespace Restate.Admin.Tests.Storage.Partitions;

public sealed class PartitionTransactionTests : IDisposable
{
    /// <summary>SHA-256 of nothing: the version of an object without state.</summary>
    private const string VersionOfNothing = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

    /// <summary>What the peer's command line client computes for {count: 10, label: "key-a"}.</summary>
    private const string VersionOfTwo = "8U92c8XsO-Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeA";

    private readonly TestDatabases _databases = new();
    private readonly PartitionStore _store;

    public PartitionTransactionTests() => _store = Open(_databases);

    public void Dispose()
    {
        _store.Dispose();
        _databases.Dispose();
    }

    [Fact]
    public void A_mutation_replaces_the_whole_key_set()
    {
        Replace(_store, 1, Payload("S", "k", ["a=1", "b=2", "c=3", "d=4"]));
        Assert.True(Replace(_store, 1, Payload("S", "k", ["b=9", "bb=8", "d=4", "e=5"])));
        Assert.Equal(["1 S/k b=9", "1 S/k bb=8", "1 S/k d=4", "1 S/k e=5"], Rows(_store));
        Replace(_store, 1, Payload("S", "k", ["0=first"]));
        Assert.Equal(["1 S/k 0=first"], Rows(_store));
        Replace(_store, 1, Payload("S", "k", []));
        Assert.Empty(Rows(_store));
        Replace(_store, 1, Payload("S", "k", []));
        Assert.Empty(Rows(_store));
    }

    [Fact]
    public void Neighbours_keep_their_state_whatever_bytes_their_names_share()
    {
        byte[][] names = [[], [0], [0, 0], [0, 0xFF], Bytes("k"), [(byte)'k', 0], [(byte)'k', 0, 0], Bytes("kk"), [0xFF], [0xFF, 0xFF]];
        foreach (byte[] name in names)
        {
            Replace(_store, 1, Payload([], Bytes("S"), name, [], ([], [1]), ([0], [2]), ([0, 0], [3]), ([0xFF], [4])));
            Replace(_store, 1, Payload([], name, Bytes("k"), [], ([5], [5])));
            Replace(_store, 1, Payload(Bytes("s"), name, Bytes("k"), [], ([6], [6])));
        }

        List<string> all = Rows(_store);
        Assert.Equal(names.Length * 6, all.Count);
        foreach (byte[] name in names)
        {
            Replace(_store, 1, Payload([], Bytes("S"), name, []));
            string prefix = $"1 S/{Show(name)} ";
            all.RemoveAll(row => row.StartsWith(prefix, StringComparison.Ordinal));
            Assert.Equal(all, Rows(_store));
        }
    }

    [Fact]
    public void A_scope_makes_another_object_and_the_store_remembers_that_it_had_one()
    {
        Assert.False(_store.HasScopedState);
        Replace(_store, 1, Payload("S", "k", ["a=plain"]));
        Assert.False(_store.HasScopedState);
        Replace(_store, 1, Payload("S", "k", ["a=scoped"], scope: "s1"));
        Assert.True(_store.HasScopedState);
        Replace(_store, 1, Payload("S", "k", ["a=other"], scope: "s2"));
        Assert.Equal(["1 S/k a=plain", "1 @s1 S/k a=scoped", "1 @s2 S/k a=other"], Rows(_store));

        Replace(_store, 1, Payload("S", "k", [], scope: "s1"));
        Replace(_store, 1, Payload("S", "k", [], scope: "s2"));
        Assert.Equal(["1 S/k a=plain"], Rows(_store));
        _store.Flush();
        _store.Dispose();
        using PartitionStore again = Open(_databases);
        Assert.True(again.HasScopedState);
    }

    [Fact]
    public void A_version_that_matches_lets_the_mutation_in()
    {
        Assert.True(Replace(_store, 1, Payload("S", "k", ["count=10", "label=\"key-a\""], Version(VersionOfNothing))));
        Assert.True(Replace(_store, 1, Payload("S", "k", ["count=11"], Version(VersionOfTwo))));
        Assert.Equal(["1 S/k count=11"], Rows(_store));
    }

    [Fact]
    public void A_version_that_does_not_match_leaves_the_state_and_still_moves_the_applied_lsn()
    {
        Replace(_store, 1, Payload("S", "k", ["count=10", "label=\"key-a\""]), lsn: 1);
        Assert.False(Replace(_store, 1, Payload("S", "k", ["count=11"], Version(VersionOfNothing)), lsn: 2));
        Assert.False(Replace(_store, 1, Payload("S", "k", ["count=11"], new byte[32]), lsn: 3));
        Assert.Equal(["1 S/k count=10", "1 S/k label=\"key-a\""], Rows(_store));
        Assert.Equal(new Lsn(3), _store.ReadApplied().Lsn);

        // A neighbour's state does not count.
        Assert.True(Replace(_store, 1, Payload("S", "kk", ["a=1"], Version(VersionOfNothing))));
        Assert.False(Replace(_store, 1, Payload("S", "k", ["a=1"], Version(VersionOfTwo), scope: "s")));
        Assert.False(_store.HasScopedState);
    }

    [Fact]
    public void A_second_change_of_an_object_in_one_batch_is_seen_coming()
    {
        byte[] first = Payload("S", "k", ["a=1", "b=2"]);
        using var transaction = new PartitionTransaction(_store);
        Assert.False(transaction.Touches(1, StateMutation.Read(first)));
        transaction.ReplaceState(1, StateMutation.Read(first));
        Assert.True(transaction.Touches(1, StateMutation.Read(Payload("S", "k", []))));
        Assert.False(transaction.Touches(1, StateMutation.Read(Payload("S", "k2", []))));
        Assert.False(transaction.Touches(1, StateMutation.Read(Payload("T", "k", []))));
        Assert.False(transaction.Touches(2, StateMutation.Read(first)));

        transaction.Commit(new AppliedState(new Lsn(1), 1, 1));
        transaction.Reset();
        Assert.False(transaction.Touches(1, StateMutation.Read(first)));
        transaction.ReplaceState(1, StateMutation.Read(Payload("S", "k", ["c=3"])));
        transaction.Commit(new AppliedState(new Lsn(2), 1, 1));
        Assert.Equal(["1 S/k c=3"], Rows(_store));
    }

    [Fact]
    public void Nothing_is_in_the_store_before_the_commit_and_then_all_of_it_with_its_lsn()
    {
        using (var transaction = new PartitionTransaction(_store))
        {
            transaction.ReplaceState(1, StateMutation.Read(Payload("S", "a", ["x=1"])));
            transaction.ReplaceState(2, StateMutation.Read(Payload("S", "b", ["x=1"])));
            Assert.True(transaction.EstimatedMemtableBytes > 0);
            Assert.Empty(Rows(_store));
            Assert.Equal(default, _store.ReadApplied());
            transaction.Commit(new AppliedState(new Lsn(7), 3, 1_700_000_000_000));
        }

        Assert.Equal(2, Rows(_store).Count);
        Assert.Equal(new AppliedState(new Lsn(7), 3, 1_700_000_000_000), _store.ReadApplied());
        Assert.Equal(default, _store.ReadDurable());
        _store.Flush();
        Assert.Equal(_store.ReadApplied(), _store.ReadDurable());
    }

    [Fact]
    public void A_mutation_cut_off_among_its_entries_fails_and_changes_nothing()
    {
        Replace(_store, 1, Payload("S", "k", ["a=1"]));
        byte[] payload = Payload("S", "k", ["b=2", "c=3"]);
        using var transaction = new PartitionTransaction(_store);
        Assert.Throws<StorageException>(() => transaction.ReplaceState(1, StateMutation.Read(payload.AsSpan(0, payload.Length - 1))));
        transaction.Reset();
        transaction.Commit(new AppliedState(new Lsn(2), 1, 1));
        Assert.Equal(["1 S/k a=1"], Rows(_store));
    }

    [Fact]
    public void Any_sequence_of_mutations_ends_like_a_dictionary_of_dictionaries()
    {
        Gen<byte[]> text = Gen.OneOf<byte>(0x00, 0x01, 0x61, 0xFF).Array[0, 2];
        Gen<(ulong, byte[], byte[], byte[], (byte[], byte[])[])> change = Gen.Select(
            Gen.ULong[1, 2], text, text, text, Gen.Select(text, text).Array[0, 5]);
        int run = 0;
        change.Array[1, 30].Sample(
            changes =>
            {
                string name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"run-{run++}");
                using PartitionStore store = Open(_databases, name);
                var model = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
                foreach ((ulong partitionKey, byte[] scope, byte[] service, byte[] key, (byte[], byte[])[] state) in changes)
                {
                    (byte[] Key, byte[] Value)[] entries = [.. state.GroupBy(entry => Convert.ToHexString(entry.Item1)).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.Last())];
                    Replace(store, partitionKey, Payload(scope, service, key, [], entries));
                    string target = $"{partitionKey}{(scope.Length > 0 ? " @" + Show(scope) : string.Empty)} {Show(service)}/{Show(key)}";
                    model[target] = [.. entries.Select(entry => $"{target} {Show(entry.Key)}={Show(entry.Value)}")];
                }

                Assert.Equal(model.Values.SelectMany(rows => rows).Order(StringComparer.Ordinal), Rows(store).Order(StringComparer.Ordinal));
            },
            iter: 30,
            threads: 1);
    }

    private static byte[] Version(string text)
    {
        Assert.True(StateVersion.TryParse(text, out byte[] hash));
        return hash;
    }
}
