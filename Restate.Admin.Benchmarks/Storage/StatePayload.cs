using Restate.Storage.Logs;
using Restate.Storage.Partitions;

namespace Restate.Admin.Benchmarks.Storage;

/// <summary>Records of state mutations as posts make them.</summary>
internal static class StatePayload
{
    /// <summary>A record that gives object <paramref name="number"/> this many entries with values of 16 bytes.</summary>
    /// <param name="number">Which object.</param>
    /// <param name="entries">Its entries.</param>
    /// <param name="random">Fills the values with what does not compress; null leaves them zero.</param>
    public static RecordBuffer Record(int number, int entries, Random? random = null)
    {
        byte[] key = System.Text.Encoding.UTF8.GetBytes($"object-{number:000000}");
        const int EntryLength = 1 + 8 + 1 + 16;
        int length = StateMutation.HeadLength(0, Service.Length, key.Length, exactVersion: false, (uint)entries) + (entries * EntryLength);
        var header = new LogRecordHeader(LogRecordKind.StateMutation, LeaderEpoch: 1, CreatedAtMs: 1, PartitionKey: (ulong)number);
        return RecordBuffer.Create(header.Length + length, header, (record, head) =>
        {
            head.Write(record);
            record = record[head.Length..];
            record = record[StateMutation.WriteHead(record, [], Service, key, [], (uint)entries)..];
            Span<byte> stateKey = stackalloc byte[8];
            Span<byte> value = stackalloc byte[16];
            for (int i = 0; i < entries; i++)
            {
                System.Buffers.Text.Utf8Formatter.TryFormat(i, stateKey, out _, new System.Buffers.StandardFormat('D', 8));
                random?.NextBytes(value);
                record = record[StateMutation.WriteBytes(record, stateKey)..];
                record = record[StateMutation.WriteBytes(record, value)..];
            }
        });
    }

    private static ReadOnlySpan<byte> Service => "Counter"u8;
}
