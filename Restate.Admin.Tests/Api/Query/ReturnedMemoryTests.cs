using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Tests.Storage.Rocks;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>What DuckDB freed goes back to the operating system when it is asked to, not when its allocator sees fit.</summary>
[Collection(QueryEngineCollection.Name)]
public sealed class ReturnedMemoryTests
{
    /// <summary>Pages that jemalloc keeps for itself.</summary>
    private const long Kept = 12 << 20;

    [Fact]
    public async Task Freed_pages_of_DuckDB_are_returned_at_once()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(5000, 20), memory: 1 << 30);
        Assert.Equal(
            """{"c":100000}""",
            await under.RowsAsync("select count(*) c from (select distinct a.value_utf8, a.key, b.key from state a join state b on a.service_key = b.service_key and a.key = b.key)"));
        DuckDbNative.ReturnFreed();
        (long allocated, long resident) = DuckDbNative.Memory();
        Assert.InRange(resident - allocated, 0, Kept);
    }

    [Fact]
    public async Task What_stays_when_no_query_runs_is_no_more_than_a_quarter_of_the_pool()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(5000, 20), memory: 48 << 20);
        await under.RowsAsync("select service_key k from state order by value_utf8 desc limit 1 offset 99000");
        await Eventually.HoldsAsync(() => DuckDbNative.Memory().Resident <= (12 << 20) + Kept, "freed pages are returned");
    }
}
