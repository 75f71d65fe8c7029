using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The tables have the columns and types of Restate's, and its information schema tells them as Restate's does.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SystemTableTests : IClassFixture<PeerPair>
{
    private static readonly string[] OursAlone =
    [
        "sys_memory_pools", "sys_memory_components", "sys_partition_memory", "sys_rebalances", "sys_memory_history", "sys_queries", "sys_config",
    ];

    private readonly PeerPair _pair;

    public SystemTableTests(PeerPair pair)
    {
        Installed.RequireSdkService();
        Installed.RequirePeer();
        _pair = pair;
    }

    public static TheoryData<string> PeerTables =>
    [
        "state", "sys_deployment", "sys_inbox", "sys_invocation", "sys_invocation_state", "sys_invocation_status", "sys_journal",
        "sys_journal_events", "sys_keyed_service_status", "sys_locks", "sys_promise", "sys_rules", "sys_scheduler", "sys_service",
        "sys_user_limits", "sys_vqueue_entry_status", "sys_vqueue_meta", "sys_vqueues",
    ];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(PeerTables))]
    public async Task A_table_has_the_peers_columns_and_types(string table)
    {
        Schema ours = await _pair.Ours.Sql.SchemaAsync($"select * from {table}", Cancelled);
        Schema peer = await _pair.Peer.Sql.SchemaAsync($"select * from {table}", Cancelled);
        Assert.Equal(peer.FieldsList.Select(Text), ours.FieldsList.Select(Text));
    }

    [Theory]
    [InlineData("tables")]
    [InlineData("views")]
    [InlineData("columns")]
    [InlineData("schemata")]
    [InlineData("df_settings")]
    [InlineData("routines")]
    [InlineData("parameters")]
    public async Task The_information_schema_has_the_peers_columns_and_types(string table)
    {
        Schema ours = await _pair.Ours.Sql.SchemaAsync($"select * from information_schema.{table}", Cancelled);
        Schema peer = await _pair.Peer.Sql.SchemaAsync($"select * from information_schema.{table}", Cancelled);
        Assert.Equal(peer.FieldsList.Select(Text), ours.FieldsList.Select(Text));
    }

    [Fact]
    public async Task Every_column_is_listed_as_the_peer_lists_it()
    {
        string[] peer = await RowsAsync(_pair.Peer, "select * from information_schema.columns where table_schema = 'public'", "table_name");
        string[] ours = await RowsAsync(_pair.Ours, $"select * from information_schema.columns where table_schema = 'public'", "table_name");
        Assert.Equal(288, peer.Length);
        Assert.Equal(peer, ours);
    }

    [Fact]
    public async Task Every_table_is_listed_as_the_peer_lists_it()
    {
        Assert.Equal(
            await RowsAsync(_pair.Peer, "select * from information_schema.tables", "table_name"),
            await RowsAsync(_pair.Ours, $"select * from information_schema.tables", "table_name"));
        Assert.Equal(
            await RowsAsync(_pair.Peer, "select table_name, definition is null as plain from information_schema.views", "table_name"),
            await RowsAsync(_pair.Ours, $"select table_name, definition is null as plain from information_schema.views", "table_name"));
        Assert.Equal(
            await RowsAsync(_pair.Peer, "select * from information_schema.schemata", "schema_name"),
            await RowsAsync(_pair.Ours, $"select * from information_schema.schemata", "schema_name"));
    }

    [Theory]
    [InlineData("select ty, endpoint, min_service_protocol_version, max_service_protocol_version, array_length(services) as n from sys_deployment")]
    [InlineData("select unnest(services) as name from sys_deployment")]
    [InlineData("select name, revision, public, ty from sys_service")]
    [InlineData("select count(*) as n from sys_invocation where status = 'running'")]
    [InlineData("select * from sys_invocation_status")]
    [InlineData("select s.name, d.ty from sys_service s join sys_deployment d on s.deployment_id = d.id")]
    [InlineData("select id, status, created_at from sys_invocation where created_at > '2026-01-01T00:00:00Z'")]
    public async Task Rows_are_the_peers(string sql) =>
        Assert.Equal(await RowsAsync(_pair.Peer, sql, "name"), await RowsAsync(_pair.Ours, sql, "name"));

    [Fact]
    public async Task The_configuration_is_a_table()
    {
        JsonElement row = Assert.Single(await _pair.Ours.Sql.RowsAsync(
            "select * from sys_config where key = 'rocksdb-total-memtables-ratio'", Cancelled));
        Assert.Equal("0.85", row.GetProperty("value").GetString());
        Assert.Equal("default", row.GetProperty("source").GetString());
        Assert.True(row.GetProperty("live").GetBoolean());
        row = Assert.Single(await _pair.Ours.Sql.RowsAsync("select * from sys_config where key = 'node-name'", Cancelled));
        Assert.Equal(("n1", "cli"), (row.GetProperty("value").GetString(), row.GetProperty("source").GetString()));
        Assert.False(row.GetProperty("live").GetBoolean());
    }

    [Fact]
    public async Task The_first_rebalance_is_in_its_table()
    {
        JsonElement[] rows = await _pair.Ours.Sql.RowsAsync("select * from sys_rebalances", Cancelled);
        JsonElement first = rows[^1];
        Assert.Equal("start", first.GetProperty("reason").GetString());
        Assert.True(first.GetProperty("after_open_partitions").GetInt32() > 0);
        Assert.True(first.GetProperty("at").GetDateTimeOffset() > DateTimeOffset.UnixEpoch);
        Assert.Empty(first.GetProperty("failures").EnumerateArray());
    }

    /// <summary>Rows as text, sorted, without those of tables that the peer does not have.</summary>
    private static async Task<string[]> RowsAsync(ServerProcess server, string sql, string tableColumn)
    {
        JsonElement[] rows = await server.Sql.RowsAsync(sql, Cancelled);
        return [.. rows
            .Where(row => !row.TryGetProperty(tableColumn, out JsonElement table) || !OursAlone.Contains(table.GetString()))
            .Select(row => row.GetRawText())
            .Order(StringComparer.Ordinal)];
    }

    // Not whether it may be null: what a query does to a column can make it so, and we say of no table column that it cannot.
    private static string Text(Field field) => $"{field.Name} {Text(field.DataType)}";

    private static string Text(IArrowType type) => type switch
    {
        TimestampType time => $"timestamp({time.Unit}, {time.Timezone})",
        DurationType duration => $"duration({duration.Unit})",
        ListType list => $"list({list.ValueField.Name} {Text(list.ValueDataType)} {list.ValueField.IsNullable})",
        _ => type.GetType().Name,
    };
}
