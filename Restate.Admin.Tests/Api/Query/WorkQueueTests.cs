using Restate.Admin.Api.Query;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Work that one thread does in order.</summary>
public sealed class WorkQueueTests
{
    [Fact]
    public void What_was_added_is_done_in_order_and_all_of_it_before_the_end()
    {
        using var queue = new WorkQueue();
        List<int> done = [];
        var thread = new Thread(queue.Run);
        for (int i = 0; i < 100; i++)
        {
            int number = i;
            queue.Add(() => done.Add(number));
            if (i == 50)
                thread.Start();
        }

        queue.Complete();
        thread.Join();
        Assert.Equal(Enumerable.Range(0, 100), done);
        Assert.Throws<ObjectDisposedException>(() => queue.Add(() => { }));
    }

    [Fact]
    public async Task Nothing_is_lost_where_the_thread_falls_asleep_between()
    {
        using var queue = new WorkQueue();
        var thread = new Thread(queue.Run);
        thread.Start();
        for (int i = 0; i < 2000; i++)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Add(done.SetResult);
            await done.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        queue.Complete();
        thread.Join();
    }
}
