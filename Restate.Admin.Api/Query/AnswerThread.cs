namespace Restate.Admin.Api.Query;

/// <summary>
/// One thread of normal priority for the process that hands results of queries to those who wait for them. Where the thread pool has no idle
/// worker it makes one in the thread that has work for it, and Linux passes on priorities: workers made by the threads of queries would step
/// back as those do, and serve state so from then on.
/// </summary>
internal static class AnswerThread
{
    private static readonly WorkQueue Work = new();
    private static readonly Thread Runner = new(Work.Run) { IsBackground = true, Name = "query-answers" };
    private static int _isStarted;

    /// <summary>Starts it, at the priority of the calling thread, unless it runs already.</summary>
    internal static void Start()
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
            Runner.Start();
    }

    /// <summary>Has <paramref name="work"/> done there: short, and without failing.</summary>
    internal static void Post(Action work) => Work.Add(work);
}
