using CsCheck;
using Restate.Storage.Logs;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Logs;

public sealed class LogRecordTests
{
    [Fact]
    public void A_header_is_read_back_with_its_payload() =>
        Gen.Select(Gen.Enum<LogRecordKind>(), Gen.ULong, Gen.ULong, Gen.ULong, Gen.Bool, Gen.Byte.Array[0, 20]).Sample(
            (kind, epoch, time, key, keyed, payload) =>
            {
                var header = new LogRecordHeader(kind, epoch, time, keyed ? key : null);
                byte[] record = [.. new byte[header.Length], .. payload];
                header.Write(record);
                Assert.Equal(header, LogRecordHeader.Read(record, out ReadOnlySpan<byte> rest));
                Assert.Equal(payload, rest.ToArray());
            });

    [Theory]
    [InlineData(0, 2, "format version 2; this build reads up to 1")]
    [InlineData(2, 1, "flags 256")]
    [InlineData(3, 1, "flags 1")]
    [InlineData(20, 1, "dedup 1")]
    [InlineData(21, 2, "key kind 2")]
    public void What_this_build_does_not_know_is_refused(int offset, byte value, string detail)
    {
        var header = new LogRecordHeader(LogRecordKind.StateMutation, 1, 2, 3);
        byte[] record = new byte[header.Length];
        header.Write(record);
        record[offset] = value;
        Assert.Contains(detail, Assert.Throws<StorageException>(() => LogRecordHeader.Read(record, out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_cut_off_anywhere_is_damaged()
    {
        var header = new LogRecordHeader(LogRecordKind.StateMutation, 1, 2, 3);
        byte[] record = new byte[header.Length];
        header.Write(record);
        for (int length = 0; length < record.Length; length++)
        {
            Assert.StartsWith(
                "a log record is damaged: ",
                Assert.Throws<StorageException>(() => LogRecordHeader.Read(record.AsSpan(0, length), out _)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Gen.Select(Gen.OneOf<byte>(0, 1, 2), Gen.Byte.Array[0, 40]).Sample((version, bytes) =>
        {
            byte[] record = [version, .. bytes];
            try
            {
                LogRecordHeader.Read(record, out _);
            }
            catch (StorageException e)
            {
                Assert.StartsWith("a log record ", e.Message, StringComparison.Ordinal);
            }
        });

    [Fact]
    public void Keys_of_records_are_in_the_order_of_log_and_number() =>
        Gen.Select(Gen.UInt, Gen.ULong, Gen.UInt, Gen.ULong).Sample((log, lsn, otherLog, otherLsn) =>
        {
            byte[] key = new byte[LogKeys.RecordLength];
            byte[] other = new byte[LogKeys.RecordLength];
            LogKeys.WriteRecord(key, new LogId(log), new Lsn(lsn));
            LogKeys.WriteRecord(other, new LogId(otherLog), new Lsn(otherLsn));
            Assert.Equal(Math.Sign((log, lsn).CompareTo((otherLog, otherLsn))), Math.Sign(key.AsSpan().SequenceCompareTo(other)));
            Assert.Equal(new Lsn(lsn), LogKeys.LsnOf(key, new LogId(log)));
            Assert.Null(LogKeys.LsnOf(key, new LogId(log + 1)));
            Assert.Null(LogKeys.LsnOf(key.AsSpan(1), new LogId(log)));
        });
}
