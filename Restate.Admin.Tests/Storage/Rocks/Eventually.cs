using System.Diagnostics;
using Xunit;

namespace Restate.Admin.Tests.Storage.Rocks;

/// <summary>Waits for what happens behind, as soon as it holds; how long that takes is not what a test asserts.</summary>
internal static class Eventually
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(1);

    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > GiveUpAfter)
                Assert.Fail($"never came true: {what}");
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
