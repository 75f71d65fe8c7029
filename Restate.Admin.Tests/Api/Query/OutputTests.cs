using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Output;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

[Collection(QueryEngineCollection.Name)]
public sealed class OutputTests : IAsyncLifetime
{
    private EngineUnderTest _under = null!;

    public ValueTask InitializeAsync()
    {
        _under = new EngineUnderTest(new FakeStateSource(4).Fill(2000, 10));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    [Theory]
    [InlineData("1.0::double", "1.0")]
    [InlineData("1e9::double", "1000000000.0")]
    [InlineData("1234567890.5::double", "1234567890.5")]
    [InlineData("1e-5::double", "0.00001")]
    [InlineData("1e-6::double", "1.0e-6")]
    [InlineData("1e300::double", "1.0e300")]
    [InlineData("12345678901234567.0::double", "1.2345678901234568e16")]
    [InlineData("-0.0::double", "-0.0")]
    [InlineData("1.1::float", "1.1")]
    [InlineData("'nan'::double", "null")]
    [InlineData("'-inf'::double", "null")]
    [InlineData("18446744073709551615::ubigint", "18446744073709551615")]
    [InlineData("'-9223372036854775808'::bigint", "-9223372036854775808")]
    [InlineData("170::hugeint", "170")]
    [InlineData("1.23::decimal(5,3)", "1.230")]
    [InlineData("-0.05::decimal(5,2)", "-0.05")]
    [InlineData("true", "true")]
    [InlineData("'a' || chr(1) || chr(10) || chr(127) || '/é\"\\'", "\"a\\u0001\\n\u007f/é\\\"\\\\\"")]
    [InlineData("'\\x00\\xFF'::blob", "\"00ff\"")]
    [InlineData("arrow_cast('2026-01-02 03:04:05.678+00', 'Timestamp(ms, \"+00:00\")')", "\"2026-01-02T03:04:05.678Z\"")]
    [InlineData("arrow_cast('2026-01-02 03:04:05+00', 'Timestamp(ms, \"+00:00\")')", "\"2026-01-02T03:04:05Z\"")]
    [InlineData("arrow_cast('1969-12-31 23:59:59.999+00', 'Timestamp(ms, \"+00:00\")')", "\"1969-12-31T23:59:59.999Z\"")]
    [InlineData("timestamp '2026-01-02 03:04:05.5'", "\"2026-01-02T03:04:05.500\"")]
    [InlineData("timestamp '2026-01-02 03:04:05.500001'", "\"2026-01-02T03:04:05.500001\"")]
    [InlineData("date '2026-02-28' + 1", "\"2026-03-01\"")]
    [InlineData("date '2024-02-29'", "\"2024-02-29\"")]
    [InlineData("date '0001-01-01'", "\"0001-01-01\"")]
    [InlineData("time '03:04:05'", "\"03:04:05\"")]
    [InlineData("interval '1 month 2 days 3 hours 4.5 seconds'", "\"1 mons 2 days 3 hours 4.500000000 secs\"")]
    [InlineData("interval '1 day'", "\"1 days\"")]
    [InlineData("[1, null, 2]", "[1,null,2]")]
    [InlineData("{'a': 1, 'b': null, 'c': 'x'}", "{\"a\":1,\"c\":\"x\"}")]
    [InlineData("map {'k': [1, 2]}", "{\"k\":[1,2]}")]
    [InlineData("map {1: 'x'}", "{\"1\":\"x\"}")]
    [InlineData("[{'a': [arrow_cast('2026-01-02 03:04:05+00', 'Timestamp(ms, \"+00:00\")')]}]", "[{\"a\":[\"2026-01-02T03:04:05Z\"]}]")]
    [InlineData("'3f2504e0-4f89-11d3-9a0c-0305e82c3301'::uuid", "\"3f2504e0-4f89-11d3-9a0c-0305e82c3301\"")]
    [InlineData("null", null)]
    public async Task Json_values_are_written_as_the_peer_does(string expression, string? json)
    {
        // Twice: as a folded constant, and computed for a row.
        string expected = json is null ? "{}" : $"{{\"v\":{json}}}";
        Assert.Equal(expected, await _under.RowsAsync($"select {expression} as v"));
        Assert.Equal(expected, await _under.RowsAsync($"select case when key = 'k1' then {expression} end as v from state where service_key = 'obj-1' and key = 'k1'"));
    }

    [Theory]
    [InlineData("count(*)", "int64", false)]
    [InlineData("sum(value_length)", "uint64", true)]
    [InlineData("sum(length(key))", "int64", true)]
    [InlineData("sum(value_length) filter (where key = 'k1')", "uint64", true)]
    [InlineData("sum(distinct value_length)", "uint64", true)]
    [InlineData("sum(value_length::utinyint)", "uint64", true)]
    [InlineData("sum(value_length::int)", "int64", true)]
    [InlineData("sum(1.5)", "double", true)]
    [InlineData("sum(key = 'k1')", "uint64", true)]
    [InlineData("avg(value_length)", "double", true)]
    [InlineData("min(partition_key)", "uint64", true)]
    [InlineData("max(key)", "largeutf8", true)]
    [InlineData("max(value)", "largebinary", true)]
    [InlineData("count_if(key = 'k1')", "int64", true)]
    [InlineData("'x'", "utf8", false)]
    [InlineData("1", "int64", false)]
    [InlineData("max(arrow_cast(now(), 'Timestamp(ms, \"+00:00\")'))", "timestamp", true)]
    [InlineData("sum(length(key)::hugeint * 1000000000000)", "int64", true)]
    public async Task Arrow_types_are_the_peers(string expression, string type, bool nullable)
    {
        using var reader = new ArrowStreamReader(new MemoryStream(await _under.ArrowAsync($"select {expression} as v from state")));
        Field field = reader.Schema.FieldsList[0];
        Assert.Equal(type, field.DataType is LargeStringType ? "largeutf8" : field.DataType is LargeBinaryType ? "largebinary" : field.DataType.Name);
        Assert.Equal(nullable, field.IsNullable);
        if (field.DataType is TimestampType timestamp)
            Assert.Equal((TimeUnit.Millisecond, "+00:00"), (timestamp.Unit, timestamp.Timezone));
    }

    [Theory]
    [InlineData("select sum(x) from (values (18446744073709551615::ubigint), (1::ubigint)) v(x)", "UInt64")]
    [InlineData("select sum(x) from (values (9223372036854775807::bigint), (1::bigint)) v(x)", "Int64")]
    [InlineData("select 9223372036854775808::hugeint as x", "Int64")]
    [InlineData("select '340282366920938463463374607431768211455'::uhugeint as x", "UInt64")]
    public async Task A_number_that_does_not_fit_is_an_error(string sql, string named)
    {
        QueryException failure = await _under.FailsAsync(sql);
        Assert.Equal(QueryFailure.Invalid, failure.Failure);
        Assert.Contains($"not fit {named}", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<QueryException>(() => _under.ArrowAsync(sql));
    }

    [Theory]
    [InlineData("select sum(x) s from (values (9223372036854775807::bigint), (9223372036854775807::bigint), (-9223372036854775807::bigint)) v(x)", "9223372036854775807")]
    [InlineData("select sum(x) over () s from (values (1::ubigint), (2::ubigint)) v(x) limit 1", "3")]
    [InlineData("select sum(x) s from (values (null::ubigint), (2::ubigint)) v(x)", "2")]
    [InlineData("select sum(s) = (select sum(value_length) from state) s from (select sum(value_length) s from state group by service_key)", "true")]
    [InlineData("with sum(s) as (select 5) select s from sum", "5")]
    public async Task Sums_are_exact(string sql, string expected)
    {
        Assert.Equal($"{{\"s\":{expected}}}", await _under.RowsAsync(sql));
    }

    [Fact]
    public async Task Arrow_carries_every_row_and_null()
    {
        using var reader = new ArrowStreamReader(new MemoryStream(await _under.ArrowAsync(
            "select *, key || '' as c, [key, null] as l, {'a': key_length} as s, value_length % 2 = 0 as b from state")));
        int rows = 0;
        long keyLengths = 0;
        var keys = new HashSet<string>();
        while (await reader.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken) is { } batch)
        {
            using (batch)
            {
                Assert.InRange(batch.Length, 1, 8192 + 2048);
                var lengths = (UInt64Array)batch.Column("key_length");
                var key = (LargeStringArray)batch.Column("key");
                var list = (ListArray)batch.Column("l");
                var items = (LargeStringArray)list.Values;
                for (int i = 0; i < batch.Length; i++)
                {
                    keyLengths += (long)lengths.GetValue(i)!.Value;
                    keys.Add(((LargeStringArray)batch.Column("service_key")).GetString(i) + "/" + key.GetString(i));
                    Assert.Equal(key.GetString(i), items.GetString(list.ValueOffsets[i]));
                    Assert.True(items.IsNull(list.ValueOffsets[i] + 1));
                }

                Assert.Equal(batch.Length, batch.Column("scope").NullCount);
                rows += batch.Length;
            }
        }

        Assert.Equal(20_000, rows);
        Assert.Equal(40_000, keyLengths);
        Assert.Equal(20_000, keys.Count);
        _under.AssertIdle();
    }

    [Fact]
    public async Task No_rows_are_a_schema_and_an_end()
    {
        Assert.Equal("{\"rows\":[]}", await _under.JsonAsync("select * from state where false"));
        Assert.Equal("", await _under.JsonAsync("select * from state where false", JsonLayout.Lines, TestContext.Current.CancellationToken));
        byte[] arrow = await _under.ArrowAsync("select key, value_length from state where key = 'none'");
        Assert.Equal([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], arrow[^8..]);
        using var reader = new ArrowStreamReader(new MemoryStream(arrow));
        Assert.Null(await reader.ReadNextRecordBatchAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["key", "value_length"], reader.Schema.FieldsList.Select(field => field.Name));
        Assert.Empty(reader.Schema.Metadata ?? new Dictionary<string, string>());
    }

    [Fact]
    public async Task Lines_hold_one_object_each()
    {
        string lines = await _under.JsonAsync(
            "select key, value_length > 0 as b from state where service_key = 'obj-1' order by key", JsonLayout.Lines, TestContext.Current.CancellationToken);
        Assert.Equal(10, lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("{\"key\":\"k0\",\"b\":true}\n", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_value_passes_through_whole()
    {
        string large = string.Create(5_000_000, 0, static (span, _) => span.Fill('ä'));
        _under.State.Add("Cart", "large", "k", large);
        Assert.Equal($"{{\"value_utf8\":\"{large}\",\"n\":10000000}}", await _under.RowsAsync(
            "select value_utf8, value_length as n from state where service_key = 'large'"));
        _under.AssertIdle();
    }
}
