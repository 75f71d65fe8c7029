using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Golden;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Xunit;

namespace Restate.Admin.Tests.Storage.Memory;

public sealed class MemoryHistoryTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 1, 2, 3, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    private string File => _folder.Inside(MemoryHistory.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Samples_of_a_process_that_was_killed_are_read_by_the_next()
    {
        // Not disposed before the next opens: what a kill leaves is what was written, nothing is held back.
        using MemoryHistory killed = Open();
        killed.Add(Sample(0));
        killed.Add(Sample(1));
        using (MemoryHistory next = OpenCopy())
            AssertSame([Sample(0), Sample(1)], next.Samples);
        killed.Dispose();
        using (MemoryHistory next = Open())
            next.Add(Sample(2));
        using MemoryHistory third = Open();
        AssertSame([Sample(0), Sample(1), Sample(2)], third.Samples);
    }

    [Fact]
    public void An_hour_is_kept_and_no_more()
    {
        using MemoryHistory history = Open();
        for (int i = 0; i < MemoryHistory.Capacity + 7; i++)
            history.Add(Sample(i));
        Assert.Equal(MemoryHistory.Capacity, history.Samples.Count);
        Assert.Equal(Sample(7).At, history.Samples[0].At);
        Assert.Equal(MemoryHistory.Capacity * 512, new FileInfo(File).Length);
        using MemoryHistory next = OpenCopy();
        AssertSame(history.Samples, next.Samples);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(41)]
    [InlineData(90)]
    [InlineData(511)]
    public void A_torn_slot_is_left_out(int at)
    {
        using (MemoryHistory history = Open())
        {
            history.Add(Sample(0));
            history.Add(Sample(1));
        }

        byte[] bytes = System.IO.File.ReadAllBytes(File);
        bytes[(2 * 512) + at] ^= 0xff;
        System.IO.File.WriteAllBytes(File, bytes);
        using MemoryHistory next = Open();
        AssertSame([Sample(0)], next.Samples);
    }

    [Fact]
    public void Rubbish_in_the_file_costs_the_samples_and_nothing_else()
    {
        var bytes = new byte[100_000];
        new Random(7).NextBytes(bytes);
        System.IO.File.WriteAllBytes(File, bytes);
        using MemoryHistory history = Open();
        Assert.Empty(history.Samples);
        history.Add(Sample(0));
        AssertSame([Sample(0)], history.Samples);
    }

    [Fact]
    public void Without_a_file_samples_are_kept_in_memory()
    {
        Directory.CreateDirectory(File);
        using MemoryHistory history = Open();
        history.Add(Sample(0));
        AssertSame([Sample(0)], history.Samples);
    }

    [Fact]
    public void A_slot_is_written_as_ever()
    {
        var slot = new byte[MemoryHistoryRecord.Size];
        MemoryHistoryRecord.Write(slot, 0x0102030405060708, Sample(1));
        GoldenFiles.Check("records/MemoryHistory.hex", slot.Chunk(32).Select(Convert.ToHexStringLower));
        Assert.Equal(0x0102030405060708UL, MemoryHistoryRecord.Read(slot)!.Value.Sequence);
    }

    [Fact]
    public async Task A_sample_is_taken_at_the_start_and_every_ten_seconds()
    {
        var time = new FakeTimeProvider(Start);
        var configuration = new ConfigurationSnapshot(1, new RestateConfiguration { NodeName = "n1" }, new Dictionary<string, ConfigurationSource>());
        var ledger = new MemoryLedger(() => configuration);
        long usage = 5;
        ledger.Add(new MemoryPool("a", ConfigKey: null, () => 10, () => usage));
        using MemoryHistory history = Open();
        using var recorder = new MemoryHistoryRecorder(
            history, ledger, () => new ProcessMemoryLimit(1000, "machine"), () => 100, time, NullLogger<MemoryHistoryRecorder>.Instance);
        await recorder.StartAsync(TestContext.Current.CancellationToken);
        await TakenAsync(1);
        usage = 7;
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Single(history.Samples);
        time.Advance(TimeSpan.FromSeconds(1));
        await TakenAsync(2);
        await recorder.StopAsync(TestContext.Current.CancellationToken);
        AssertSame(
            [
                new MemoryHistorySample(Start, 1000, 100, [new MemoryPoolSample("a", 10, 5)]),
                new MemoryHistorySample(Start.AddSeconds(10), 1000, 100, [new MemoryPoolSample("a", 10, 7)]),
            ],
            history.Samples);

        async Task TakenAsync(int count)
        {
            while (history.Samples.Count < count)
                await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private MemoryHistory Open() => MemoryHistory.Open(_folder.Path, NullLogger<MemoryHistory>.Instance);

    /// <summary>Opens what is on the disk now, as a next process would.</summary>
    private MemoryHistory OpenCopy()
    {
        string folder = Directory.CreateDirectory(_folder.Inside(Guid.NewGuid().ToString())).FullName;
        using (var from = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        using (FileStream to = System.IO.File.Create(Path.Combine(folder, MemoryHistory.FileName)))
            from.CopyTo(to);
        return MemoryHistory.Open(folder, NullLogger<MemoryHistory>.Instance);
    }

    private static MemoryHistorySample Sample(int number) => new(
        Start.AddSeconds(10 * number),
        4L << 30,
        (500L << 20) + number,
        [new MemoryPoolSample("rocksdb", 2L << 30, 300L << 20), new MemoryPoolSample("bifrost-record-cache", 250L << 20, number)]);

    private static void AssertSame(IReadOnlyList<MemoryHistorySample> expected, IReadOnlyList<MemoryHistorySample> actual) =>
        Assert.Equal(expected.Select(Text), actual.Select(Text));

    private static string Text(MemoryHistorySample sample) =>
        $"{sample.At:O} {sample.LimitBytes} {sample.RssBytes} {string.Join(' ', sample.Pools)}";
}
