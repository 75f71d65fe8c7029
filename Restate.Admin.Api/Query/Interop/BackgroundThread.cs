using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Restate.Admin.Api.Query.Interop;

/// <summary>
/// Threads that step back: where the cores do not suffice, those that serve state and the log go first. On a machine with idle cores it
/// makes no difference. .NET's own thread priorities do nothing on Linux.
/// </summary>
internal static partial class BackgroundThread
{
    /// <summary>A tenth of the weight of a normal thread; nice 19 would be a seventieth, and a node under load would answer no query.</summary>
    private const int Nice = 10;

    /// <summary><c>PRIO_PROCESS</c>: with a thread's id, one thread.</summary>
    private const int OneThread = 0;

    /// <summary>
    /// Makes the calling thread one of them, for good; threads that it starts are too. Without effect where the system has no such thing or
    /// does not allow it: queries then compete as equals.
    /// </summary>
    internal static void StepBack()
    {
        if (OperatingSystem.IsLinux())
            _ = SetPriority(OneThread, (uint)GetThreadId(), Nice);
    }

    /// <summary>Runs <paramref name="work"/> on such a thread and waits for it: threads that native code starts in it step back.</summary>
    internal static T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            StepBack();
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        {
            IsBackground = true,
            Name = "query-start",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
