using System.Runtime.CompilerServices;
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

    /// <summary>
    /// How long such a thread asks to run once it runs, in nanoseconds. Linux 6.12 and later let a thread that wakes and asks for less (3 ms
    /// is usual) go first at once; without that it waits for the end of the running one's turn, 4 ms on a machine whose clock ticks 250 times
    /// a second. Earlier kernels ignore it. It takes nothing from other threads: a share is given by <see cref="Nice"/>.
    /// </summary>
    private const ulong SliceNanoseconds = 20_000_000;

    /// <summary>
    /// How long all others ask to run, in nanoseconds: the least the kernel takes. Of two threads that could run, the one that asks for less
    /// goes first.
    /// </summary>
    private const ulong ShortSliceNanoseconds = 100_000;

    /// <summary><c>PRIO_PROCESS</c>: with a thread's id, one thread.</summary>
    private const int OneThread = 0;

    /// <summary>
    /// Makes the calling thread one of them, for good; threads that it starts are too. Without effect where the system has no such thing or
    /// does not allow it: queries then compete as equals.
    /// </summary>
    internal static void StepBack()
    {
        if (!OperatingSystem.IsLinux())
            return;
        if (!Schedule(Nice, SliceNanoseconds))
            _ = SetPriority(OneThread, (uint)GetThreadId(), Nice);
    }

    /// <summary>
    /// Makes the calling thread, and those that it starts, one that runs for a moment whenever it wakes: what serves state and the log. On two
    /// cores with two hostile queries the slowest hundredth of posts took 2.4 times as long as without queries before, and 1.5 to 1.8 times
    /// since. Without effect where the system has no such thing.
    /// </summary>
    internal static void GoFirst()
    {
        if (OperatingSystem.IsLinux())
            _ = Schedule(GetPriority(OneThread, (uint)GetThreadId()), ShortSliceNanoseconds);
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

    private static bool Schedule(int nice, ulong slice)
    {
        var attributes = new SchedulingAttributes { Size = (uint)Unsafe.SizeOf<SchedulingAttributes>(), Nice = nice, Runtime = slice };
        return CallNumber() is { } number && SetAttributes(number, 0, in attributes, 0) == 0;
    }

    /// <summary>Number of <c>sched_setattr</c>, for which older C libraries have no function; null on other processors.</summary>
    private static nint? CallNumber() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 314,
        Architecture.Arm64 => 274,
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, uint who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SetAttributes(nint number, nint thread, in SchedulingAttributes attributes, nuint flags);

    /// <summary><c>struct sched_attr</c> in its first form, which every kernel that has the call takes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct SchedulingAttributes
    {
        internal uint Size;
        internal uint Policy;
        internal ulong Flags;
        internal int Nice;
        internal uint Priority;
        internal ulong Runtime;
        internal ulong Deadline;
        internal ulong Period;
    }
}
