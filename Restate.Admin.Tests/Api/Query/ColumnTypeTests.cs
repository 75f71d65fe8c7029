using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Restate.Admin.Api.Query.Tables;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Every type a table column may have, from a row in memory to JSON and Arrow.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class ColumnTypeTests : IAsyncLifetime
{
    private static readonly SqlType[] Types = Enum.GetValues<SqlType>();

    private readonly List<object?[]> _rows = [];
    private EngineUnderTest _under = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _under = new EngineUnderTest(tables: [new MemoryTable("t", [.. Types.Select(type => new SqlColumn(Name(type), type))], () => _rows)]);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    public static TheoryData<string, object, string> Values => new()
    {
        { "boolean", true, "true" },
        { "uint8", byte.MaxValue, "255" },
        { "uint32", uint.MaxValue, "4294967295" },
        { "uint64", ulong.MaxValue, "18446744073709551615" },
        { "int64", long.MinValue, "-9223372036854775808" },
        { "float64", 1.5, "1.5" },
        { "float64", double.PositiveInfinity, "null" },
        { "utf8", "é\"", "\"é\\\"\"" },
        { "utf8", "", "\"\"" },
        { "smallutf8", "thirteen chars", "\"thirteen chars\"" },
        { "binary", new byte[] { 0, 255 }, "\"00ff\"" },
        { "timestamp", DateTimeOffset.UnixEpoch, "\"1970-01-01T00:00:00Z\"" },
        { "timestamp", DateTimeOffset.UnixEpoch.AddTicks(-1), "\"1969-12-31T23:59:59.999Z\"" },
        { "timestamp", DateTimeOffset.MaxValue, "\"9999-12-31T23:59:59.999Z\"" },
        { "timestamp", DateTimeOffset.MinValue, "\"0001-01-01T00:00:00Z\"" },
        { "timestamp", new DateTimeOffset(2026, 1, 2, 5, 4, 5, 678, TimeSpan.FromHours(2)), "\"2026-01-02T03:04:05.678Z\"" },
        { "duration", TimeSpan.FromDays(1), "\"PT86400S\"" },
        { "duration", TimeSpan.FromSeconds(1.5), "\"PT1.5S\"" },
        { "duration", TimeSpan.FromSeconds(-1.5), "\"-PT1.5S\"" },
        { "duration", TimeSpan.FromMilliseconds(-90_061_120), "\"-PT90061.12S\"" },
        { "duration", TimeSpan.FromMilliseconds(1), "\"PT0.001S\"" },
        { "duration", TimeSpan.Zero, "\"P0D\"" },
        { "duration", TimeSpan.MaxValue, "\"PT922337203685.477S\"" },
        { "duration", TimeSpan.MinValue, "\"-PT922337203685.477S\"" },
        { "uint32list", new uint[] { 0, uint.MaxValue }, "[0,4294967295]" },
        { "uint32list", System.Array.Empty<uint>(), "[]" },
        { "utf8list", new[] { "short", "longer than inline", "" }, "[\"short\",\"longer than inline\",\"\"]" },
        { "utf8list", System.Array.Empty<string>(), "[]" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_value_is_written_as_the_peer_does(string column, object value, string json)
    {
        Add(column, null);
        Add(column, value);
        Assert.Equal($"{{}},{{\"{column}\":{json}}}", await _under.RowsAsync($"select \"{column}\" from t"));
        Assert.Equal($"{{\"{column}\":{json}}}", await _under.RowsAsync($"select max(\"{column}\") as \"{column}\" from t"));
        Assert.Equal($"{{\"{column}\":{json}}}", await _under.RowsAsync($"select a.\"{column}\" from t a join t b on a.\"{column}\" = b.\"{column}\""));
    }

    [Fact]
    public async Task Arrow_types_are_the_peers()
    {
        using var reader = new ArrowStreamReader(new MemoryStream(await _under.ArrowAsync("select * from t")));
        Assert.Null(await reader.ReadNextRecordBatchAsync(Cancelled));
        Assert.Equal(Types.Length, reader.Schema.FieldsList.Count);
        Assert.All(reader.Schema.FieldsList, field => Assert.True(field.IsNullable));
        Assert.Equal(
            [
                typeof(BooleanType), typeof(UInt8Type), typeof(UInt32Type), typeof(UInt64Type), typeof(Int64Type), typeof(DoubleType),
                typeof(LargeStringType), typeof(StringType), typeof(LargeBinaryType), typeof(TimestampType), typeof(DurationType),
                typeof(ListType), typeof(ListType),
            ],
            reader.Schema.FieldsList.Select(field => field.DataType.GetType()));
        var time = (TimestampType)reader.Schema.GetFieldByName("timestamp").DataType;
        Assert.Equal((TimeUnit.Millisecond, "+00:00"), (time.Unit, time.Timezone));
        Assert.Equal(TimeUnit.Millisecond, ((DurationType)reader.Schema.GetFieldByName("duration").DataType).Unit);
        Assert.IsType<UInt32Type>(((ListType)reader.Schema.GetFieldByName("uint32list").DataType).ValueDataType);
        Assert.IsType<LargeStringType>(((ListType)reader.Schema.GetFieldByName("utf8list").DataType).ValueDataType);
    }

    [Fact]
    public async Task Rows_past_a_chunk_keep_their_values()
    {
        // More rows than a vector and more list elements than rows, with one list alone larger than a vector.
        const int Count = 5000;
        for (int i = 0; i < Count; i++)
        {
            uint[] numbers = [.. Enumerable.Range(i, i == 2500 ? 4000 : i % 4).Select(n => (uint)n)];
            Add("uint64", (ulong)i);
            _rows[^1][(int)SqlType.UInt32List] = i % 7 == 0 ? null : numbers;
            _rows[^1][(int)SqlType.Utf8List] = i % 5 == 0 ? null : new[] { $"text of the row {i}", "x" };
            _rows[^1][(int)SqlType.Duration] = i % 3 == 0 ? null : TimeSpan.FromMilliseconds(-i);
            _rows[^1][(int)SqlType.Timestamp] = DateTimeOffset.FromUnixTimeMilliseconds(i);
        }

        using var reader = new ArrowStreamReader(new MemoryStream(await _under.ArrowAsync(
            "select uint64, uint32list, utf8list, duration, timestamp from t")));
        int rows = 0;
        while (await reader.ReadNextRecordBatchAsync(Cancelled) is { } batch)
        {
            using (batch)
            {
                for (int i = 0; i < batch.Length; i++, rows++)
                    AssertRow(batch, i);
            }
        }

        Assert.Equal(Count, rows);
        Assert.Equal($"{{\"n\":{Count}}}", await _under.RowsAsync("select count(*) as n from t"));
        _under.AssertIdle();
    }

    [Fact]
    public async Task Durations_and_times_compute()
    {
        Add("duration", TimeSpan.FromDays(2));
        _rows[0][(int)SqlType.Timestamp] = DateTimeOffset.UnixEpoch;
        Assert.Equal(
            "{\"long\":true,\"seconds\":172800.0,\"end\":\"1970-01-03T00:00:00Z\",\"name\":true}",
            await _under.RowsAsync(
                """
                select duration > interval '1 day' as long, extract(epoch from duration) as seconds, timestamp + duration as end,
                       timestamp < '1970-01-01T00:00:00.001Z' as name
                from t where duration = interval '48 hours'
                """));
    }

    [Theory]
    [InlineData("smallutf8 = 'abc'", "true")]
    [InlineData("smallutf8 in ('abc', 'd')", "true")]
    [InlineData("upper(smallutf8)", "\"ABC\"")]
    [InlineData("smallutf8 || utf8", "\"abcdef\"")]
    [InlineData("smallutf8 like 'a%'", "true")]
    [InlineData("coalesce(smallutf8, utf8)", "\"abc\"")]
    [InlineData("case when smallutf8 < utf8 then smallutf8 else utf8 end", "\"abc\"")]
    public async Task Small_text_is_text(string expression, string json)
    {
        Add("smallutf8", "abc");
        _rows[0][(int)SqlType.Utf8] = "def";
        Assert.Equal($"{{\"v\":{json}}}", await _under.RowsAsync($"select {expression} as v from t"));
    }

    private static string Name(SqlType type) => type.ToString().ToLowerInvariant();

    private static void AssertRow(RecordBatch batch, int row)
    {
        ulong i = ((UInt64Array)batch.Column(0)).GetValue(row)!.Value;
        var numbers = (ListArray)batch.Column(1);
        Assert.Equal(i % 7 == 0, numbers.IsNull(row));
        int expected = i % 7 == 0 ? 0 : i == 2500 ? 4000 : (int)(i % 4);
        Assert.Equal(expected, numbers.GetValueLength(row));
        for (int n = 0; n < expected; n++)
            Assert.Equal((uint)i + (uint)n, ((UInt32Array)numbers.Values).GetValue(numbers.ValueOffsets[row] + n));
        var texts = (ListArray)batch.Column(2);
        Assert.Equal(i % 5 == 0, texts.IsNull(row));
        if (!texts.IsNull(row))
            Assert.Equal($"text of the row {i}", ((LargeStringArray)texts.Values).GetString(texts.ValueOffsets[row]));
        Assert.Equal(i % 3 == 0 ? null : -(long)i, ((DurationArray)batch.Column(3)).GetValue(row));
        Assert.Equal((long)i, ((TimestampArray)batch.Column(4)).GetValue(row));
    }

    private void Add(string column, object? value)
    {
        var row = new object?[Types.Length];
        row[System.Array.FindIndex(Types, type => Name(type) == column)] = value;
        _rows.Add(row);
    }
}
