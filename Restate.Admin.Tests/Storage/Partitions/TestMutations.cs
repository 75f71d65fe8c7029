using System.Globalization;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Encoding;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Admin.Tests.Storage.Partitions;

/// <summary>State mutations and rows in a form that tests can write down.</summary>
internal static class TestMutations
{
    public static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    /// <summary>The payload of a mutation; entries in key order.</summary>
    public static byte[] Payload(byte[] scope, byte[] service, byte[] key, byte[] version, params (byte[] Key, byte[] Value)[] entries)
    {
        int length = StateMutation.HeadLength(scope.Length, service.Length, key.Length, version.Length > 0, (uint)entries.Length)
            + entries.Sum(entry => Varint.LengthOf((uint)entry.Key.Length) + entry.Key.Length + Varint.LengthOf((uint)entry.Value.Length) + entry.Value.Length);
        byte[] payload = new byte[length];
        int written = StateMutation.WriteHead(payload, scope, service, key, version, (uint)entries.Length);
        foreach ((byte[] entryKey, byte[] value) in entries)
        {
            written += StateMutation.WriteBytes(payload.AsSpan(written), entryKey);
            written += StateMutation.WriteBytes(payload.AsSpan(written), value);
        }

        Xunit.Assert.Equal(length, written);
        return payload;
    }

    /// <summary>The payload for "k=v" pairs; of an object without a scope unless one is given.</summary>
    public static byte[] Payload(string service, string key, string[] pairs, byte[]? version = null, string scope = "") => Payload(
        Bytes(scope),
        Bytes(service),
        Bytes(key),
        version ?? [],
        [.. pairs.Select(pair => pair.Split('=')).OrderBy(pair => pair[0], StringComparer.Ordinal).Select(pair => (Bytes(pair[0]), Bytes(pair[1])))]);

    /// <summary>Replaces the state of an object in a batch of its own.</summary>
    public static bool Replace(PartitionStore store, ulong partitionKey, byte[] payload, ulong lsn = 1)
    {
        using var transaction = new PartitionTransaction(store);
        bool replaced = transaction.ReplaceState(partitionKey, StateMutation.Read(payload));
        transaction.Commit(new AppliedState(new Lsn(lsn), 1, 1));
        return replaced;
    }

    /// <summary>All rows of a store.</summary>
    public static List<string> Rows(PartitionStore store) => Rows(store, StateScanRange.All);

    /// <summary>The rows of a range: <c>partition key [@scope] service/key state key=value</c>, where bytes outside ASCII are <c>\xx</c>.</summary>
    public static List<string> Rows(PartitionStore store, in StateScanRange range)
    {
        using var lease = new PartitionScanLease(store.Partition, store.Database, CancellationToken.None, static () => { });
        return Rows(lease, range);
    }

    public static List<string> Rows(PartitionScanLease lease, in StateScanRange range)
    {
        using StateCursor cursor = lease.OpenState(range);
        var rows = Rows(cursor).ToList();
        Xunit.Assert.False(cursor.MoveNext());
        return rows;
    }

    /// <summary>The rows that a cursor has before it, read one at a time.</summary>
    public static IEnumerable<string> Rows(StateCursor cursor)
    {
        string? last = null;
        while (cursor.MoveNext())
        {
            string scope = cursor.HasScope ? $" @{Show(cursor.Scope)}" : string.Empty;
            string target = string.Create(CultureInfo.InvariantCulture, $"{cursor.PartitionKey}{scope} {Show(cursor.ServiceName)}/{Show(cursor.ServiceKey)}");
            Xunit.Assert.Equal(target == last, cursor.SameObject);
            last = target;
            yield return $"{target} {Show(cursor.Key)}={Show(cursor.Value)}";
        }
    }

    public static PartitionStore Open(TestDatabases databases, string name = "partition-0") => new(new PartitionId(0), databases.Open(name));

    /// <summary>Bytes as text that shows every one of them.</summary>
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        var text = new System.Text.StringBuilder();
        foreach (byte b in bytes)
            _ = b is > 0x20 and < 0x7F and not (byte)'\\' ? text.Append((char)b) : text.Append(CultureInfo.InvariantCulture, $"\\{b:x2}");
        return text.ToString();
    }
}
