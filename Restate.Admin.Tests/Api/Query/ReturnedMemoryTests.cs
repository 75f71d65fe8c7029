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
        Assert.True(DuckDbNative.ReturnFreed());
        (long allocated, long resident) = DuckDbNative.Memory();
        Assert.InRange(resident - allocated, 0, Kept);
    }

    [Fact]
    public async Task Pages_beyond_a_quarter_of_the_pool_are_returned_when_no_query_runs()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(5000, 20), memory: 384 << 20);
        await under.RowsAsync(
            "select count(*) c from (select distinct a.service_key, a.key, b.key k from state a join state b on a.service_key = b.service_key)");
        await Eventually.HoldsAsync(() => under.Engine.Returns > 0, "freed pages are returned");
        Assert.InRange(DuckDbNative.Memory().Resident, 0, 96 << 20);
    }
}
