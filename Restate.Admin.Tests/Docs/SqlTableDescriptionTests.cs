using System.Text.Json;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Tables;
using Restate.Admin.Api.SystemTables;
using Restate.Admin.Tests.Api.Query;
using Restate.Admin.Tests.Storage.Hosting;
using Restate.Storage.Hosting;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>What the definitions of the tables say of themselves.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class SqlTableDescriptionTests : IAsyncLifetime
{
    /// <summary>Longer ones make a table of a document that nobody reads.</summary>
    private const int LongestDescription = 120;

    private readonly string _directory = NodeUnderTest.NewDirectory();
    private RestateStorage _storage = null!;
    private IReadOnlyList<SqlTable> _tables = [];

    public async ValueTask InitializeAsync()
    {
        _storage = await NodeUnderTest.OpenAsync(_directory);
        _tables = NodeTables.Over(_storage, new QueryLog(TimeProvider.System));
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Every_table_and_column_is_described_in_a_phrase()
    {
        Assert.All(_tables, table => Judge(table.Name, table.Description));
        Assert.All(_tables.Where(table => table.WhyEmpty is not null), table => Judge(table.Name, table.WhyEmpty!));
        Assert.All(
            _tables.SelectMany(table => table.Columns.Select(column => (Name: $"{table.Name}.{column.Name}", column.Description))),
            column => Judge(column.Name, column.Description));
    }

    [Fact]
    public void The_document_describes_the_tables_that_a_node_registers()
    {
        GeneratedDocument document = GeneratedDocument.Read(SqlDocumentTests.Document);
        document.Holds("contents", SqlTablesText.Contents(_tables));
        document.Holds("tables", SqlTablesText.Write(_tables));
    }

    [Fact]
    public async Task A_table_that_says_it_is_always_empty_is_and_the_others_of_a_new_node_are_not()
    {
        await using var under = new EngineUnderTest(tables: _tables);
        foreach (SqlTable table in _tables)
        {
            using JsonDocument answer = JsonDocument.Parse(await under.JsonAsync($"select count(*) as n from {table.Name}"));
            long rows = answer.RootElement.GetProperty("rows")[0].GetProperty("n").GetInt64();
            if (table.WhyEmpty is not null)
                Assert.True(rows == 0, $"{table.Name} has {rows} rows and says it is empty {table.WhyEmpty}");
            else if (!UntilThereIsSomething.Contains(table.Name))
                Assert.True(rows > 0, $"{table.Name} is empty and does not say why");
        }
    }

    [Fact]
    public void Keys_name_columns_of_their_table()
    {
        foreach (SqlTable table in _tables)
        {
            string[] columns = [.. table.Columns.Select(column => column.Name)];
            Assert.All(table.Keys.SelectMany(key => key.With.Append(key.Column)), column => Assert.Contains(column, columns));
            Assert.Equal(table.IsPartitioned, table.Keys.Count > 0);
        }
    }

    /// <summary>Tables that a node without state and without load does not fill; what a row is says so.</summary>
    private static readonly string[] UntilThereIsSomething = [StateTable.TableName, "sys_memory_history", "sys_rebalances", "sys_queries"];

    private static void Judge(string name, string description)
    {
        Assert.True(description.Length > 0, $"{name} has no description");
        Assert.True(description.Length <= LongestDescription, $"the description of {name} has {description.Length} characters, {LongestDescription} are the most");
        Assert.False(description.EndsWith('.') || description.EndsWith(' ') || description.StartsWith(' '), $"the description of {name} ends with a full stop or has a space around it");
        Assert.False(description.Contains('\n', StringComparison.Ordinal) || description.Contains('`', StringComparison.Ordinal), $"the description of {name} is not plain text of one line");
    }
}
