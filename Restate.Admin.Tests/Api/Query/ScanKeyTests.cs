using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>The keys that the <c>state</c> table declares are the conditions that narrow its scans, no more and no fewer.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class ScanKeyTests : IAsyncLifetime
{
    private static readonly string[] KeyColumns = ["partition_key", "service_name", "service_key", "key"];

    private readonly FakeStateSource _state = new FakeStateSource(4).Fill(20, 10);
    private EngineUnderTest _under = null!;

    public ValueTask InitializeAsync()
    {
        // Two objects in one place: only with them does the service's name narrow what the object's key has already.
        for (int key = 0; key < 10; key++)
            _state.Add("Order", "obj-3", $"k{key}", "1");
        _under = new EngineUnderTest(_state);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _under.DisposeAsync();

    [Fact]
    public async Task Every_declared_key_narrows_a_scan_and_no_other_condition_does()
    {
        var table = new StateTable(_state);
        var wrong = new List<string>();
        foreach (SqlColumn column in table.Columns)
        {
            foreach (string[] with in Subsets([.. KeyColumns.Where(key => key != column.Name)]))
            {
                string before = string.Join(" and ", with.Select(Equality).DefaultIfEmpty("true"));
                int without = await ReadAsync(before);
                foreach (ScanConditions kind in Enum.GetValues<ScanConditions>())
                {
                    foreach (string condition in Written(column.Name, kind))
                    {
                        bool narrows = await ReadAsync($"{before} and {condition}") < without;
                        bool isExact = table.Keys.Any(key => key.Column == column.Name && key.Conditions.HasFlag(kind) && key.With.Order().SequenceEqual(with.Order()));
                        bool mayNarrow = table.Keys.Any(key => key.Column == column.Name && key.Conditions.HasFlag(kind) && !key.With.Except(with).Any());
                        if (narrows ? !mayNarrow : isExact)
                            wrong.Add($"{before} and {condition}: {(narrows ? "narrows and is not declared" : "is declared and narrows nothing")}");
                    }
                }
            }
        }

        Assert.Empty(wrong);
    }

    private static string Equality(string column) => column switch
    {
        "partition_key" => $"partition_key = {PartitionKey.Of("obj-3")}",
        "service_name" => "service_name = 'Counter'",
        "service_key" => "service_key = 'obj-3'",
        _ => "key = 'k3'",
    };

    private static string[] Written(string column, ScanConditions kind) => (column, kind) switch
    {
        ("partition_key", ScanConditions.Equality) => [Equality(column), $"partition_key in ({PartitionKey.Of("obj-3")}, {PartitionKey.Of("obj-5")})"],
        ("partition_key", ScanConditions.Range) => [$"partition_key between {PartitionKey.Of("obj-3")} and {PartitionKey.Of("obj-3") + 1}"],
        ("service_name" or "service_key" or "key", ScanConditions.Equality) => [Equality(column), $"{column} in ({Equality(column).Split('=')[1]}, 'none')"],
        ("service_name", ScanConditions.Prefix) => ["service_name like 'Count%'", "starts_with(service_name, 'Count')"],
        ("service_name", ScanConditions.Range) => ["service_name between 'Count' and 'Counz'"],
        ("service_key", ScanConditions.Prefix) => ["service_key like 'obj-3%'", "starts_with(service_key, 'obj-3')"],
        ("service_key", ScanConditions.Range) => ["service_key between 'obj-3' and 'obj-4'"],
        ("key", ScanConditions.Prefix) => ["key like 'k3%'", "starts_with(key, 'k3')"],
        ("key", ScanConditions.Range) => ["key between 'k3' and 'k4'"],
        ("scope" or "value_utf8", ScanConditions.Equality) => [$"{column} = 'x'"],
        ("scope" or "value_utf8", ScanConditions.Prefix) => [$"{column} like 'x%'"],
        ("scope" or "value_utf8", ScanConditions.Range) => [$"{column} > 'x'"],
        ("key_length" or "value_length", ScanConditions.Equality) => [$"{column} = 99"],
        ("key_length" or "value_length", ScanConditions.Range) => [$"{column} > 99"],
        _ => [],
    };

    private static IEnumerable<string[]> Subsets(string[] columns) => Enumerable.Range(0, 1 << columns.Length)
        .Select(bits => columns.Where((_, i) => (bits & (1 << i)) != 0).ToArray());

    private async Task<int> ReadAsync(string condition)
    {
        _state.Restart();
        await _under.RowsAsync($"select count(value) as n from state where {condition}");
        return _state.RowsRead;
    }
}
