using Restate.Storage.Memory;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class GcHeapBudgetTests
{
    [Theory]
    [InlineData(512, 480, 128)]
    [InlineData(512, 300, 212)]
    [InlineData(1024, 600, 256)]
    [InlineData(4096, 3500, 512)]
    [InlineData(4096, 3900, 196)]
    [InlineData(24 * 1024, 3500, 3072)]
    [InlineData(256, 5000, 128)]
    public void The_heap_gets_what_is_left_within_bounds(long limit, long others, long expected) =>
        Assert.Equal(expected << 20, GcHeapBudget.Compute(limit << 20, others << 20));
}
