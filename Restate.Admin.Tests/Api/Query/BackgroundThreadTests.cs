using System.Globalization;
using System.Runtime.InteropServices;
using Restate.Admin.Api.Query.Interop;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Threads of queries step back, and so do those that they start; nobody else's do.</summary>
public sealed partial class BackgroundThreadTests
{
    private const int Background = 10;
    private const ulong SliceNanoseconds = 20_000_000;
    private const ulong ShortSliceNanoseconds = 100_000;
    private static readonly Version KnowsSlices = new(6, 12);

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
    public void A_kernel_that_knows_slices_gives_long_ones()
    {
        (ulong caller, ulong own) = (Slice(), BackgroundThread.Run(Slice));
        Assert.Equal(Environment.OSVersion.Version >= KnowsSlices ? SliceNanoseconds : caller, own);
        Assert.NotEqual(SliceNanoseconds, caller);
    }

    [Fact]
    public void Others_ask_for_short_turns_and_keep_their_weight()
    {
        (ulong Slice, int Nice) set = default;
        int niceBefore = Nice();
        var thread = new Thread(() =>
        {
            BackgroundThread.GoFirst();
            set = (Slice(), Nice());
        });
        thread.Start();
        thread.Join();
        Assert.Equal((Environment.OSVersion.Version >= KnowsSlices ? ShortSliceNanoseconds : Slice(), niceBefore), set);
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

    /// <summary><c>sched_runtime</c>, the fifth figure of <c>struct sched_attr</c>.</summary>
    private static ulong Slice()
    {
        byte[] attributes = new byte[48];
        nint number = RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? 275 : 315;
        Assert.Equal(0, GetAttributes(number, 0, attributes, (nuint)attributes.Length, 0));
        return BitConverter.ToUInt64(attributes, 24);
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint GetAttributes(nint number, nint thread, [In, Out] byte[] attributes, nuint size, nuint flags);
}
