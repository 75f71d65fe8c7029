using System.Globalization;
using Restate.Admin.Api.Query.Interop;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Threads of queries step back, and so do those that they start; nobody else's do.</summary>
public sealed class BackgroundThreadTests
{
    private const int Background = 10;

    [Fact]
    public void The_thread_and_those_it_starts_step_back_and_the_caller_does_not()
    {
        int caller = Nice();
        (int own, int child) = BackgroundThread.Run(() =>
        {
            int started = caller;
            var thread = new Thread(() => started = Nice());
            thread.Start();
            thread.Join();
            return (Nice(), started);
        });
        Assert.Equal((Background, Background), (own, child));
        Assert.Equal(caller, Nice());
    }

    [Fact]
    public void What_fails_there_fails_here() =>
        Assert.Equal("no", Assert.Throws<InvalidOperationException>(() => BackgroundThread.Run<int>(() => throw new InvalidOperationException("no"))).Message);

    /// <summary>Field 19 of the thread's figures; the name before them may hold blanks.</summary>
    private static int Nice()
    {
        string stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
