using System.Globalization;
using Restate.Storage.Logs;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Logs;

/// <summary>What every loglet must do, whatever it is made of.</summary>
public abstract class LogletContract : IDisposable
{
    private protected static readonly LogId Log = new(7);

    private protected abstract ILogletProvider Provider { get; }

    public virtual void Dispose() => GC.SuppressFinalize(this);

    [Fact]
    public async Task Sequence_numbers_count_from_1_without_gaps()
    {
        ILoglet loglet = Provider.Open(Log);
        Assert.Equal(Lsn.None, loglet.Tail);
        Assert.Equal(Lsn.None, loglet.TrimPoint);
        for (ulong i = 1; i <= 20; i++)
        {
            Assert.Equal(new Lsn(i), await AppendAsync(loglet, Text(i)));
            Assert.Equal(new Lsn(i), loglet.Tail);
        }

        Assert.Equal(Enumerable.Range(1, 20).Select(i => ((ulong)i, Text((ulong)i))), Read(loglet, 1));
    }

    [Fact]
    public async Task Appends_that_run_at_once_get_one_number_each_and_nobody_elses_record()
    {
        ILoglet loglet = Provider.Open(Log);
        Task<(Lsn Lsn, string Text)>[] appends = [.. Enumerable.Range(0, 8).SelectMany(writer => Enumerable.Range(0, 50).Select(async i =>
        {
            await Task.Yield();
            string text = string.Create(CultureInfo.InvariantCulture, $"{writer}/{i}");
            return (await AppendAsync(loglet, text), text);
        }))];
        (Lsn Lsn, string Text)[] written = await Task.WhenAll(appends);
        Assert.Equal(
            written.OrderBy(append => append.Lsn).Select(append => (append.Lsn.Value, append.Text)),
            Read(loglet, 1));
        Assert.Equal(Enumerable.Range(1, 400).Select(i => (ulong)i), written.Select(append => append.Lsn.Value).Order());
    }

    [Fact]
    public async Task Appends_of_one_writer_keep_their_order_without_waiting_for_each_other()
    {
        ILoglet loglet = Provider.Open(Log);
        Task<Lsn>[] appends = [.. Enumerable.Range(1, 200).Select(i => AppendAsync(loglet, Text((ulong)i)))];
        Lsn[] lsns = await Task.WhenAll(appends);
        Assert.Equal(Enumerable.Range(1, 200).Select(i => new Lsn((ulong)i)), lsns);
        Assert.Equal(Text(200), Read(loglet, 200).Single().Text);
    }

    [Fact]
    public async Task Logs_do_not_see_each_other()
    {
        ILoglet first = Provider.Open(new LogId(1));
        ILoglet second = Provider.Open(new LogId(2));
        await AppendAsync(first, "first");
        await AppendAsync(second, "second");
        await AppendAsync(second, "third");
        first.Trim(Lsn.First);
        Assert.Equal([(1UL, "second"), (2UL, "third")], Read(second, 1));
        Assert.Equal(Lsn.First, first.Tail);
        Assert.Equal(Lsn.None, second.TrimPoint);
        Assert.Same(first, Provider.Open(new LogId(1)));
    }

    [Fact]
    public async Task Reading_ends_at_the_size_asked_for_but_gives_one_record_at_least()
    {
        ILoglet loglet = Provider.Open(Log);
        for (int i = 0; i < 5; i++)
            await AppendAsync(loglet, new string('x', 100));
        Assert.Single(Read(loglet, 1, maxBytes: 1));
        Assert.Equal(2, Read(loglet, 1, maxBytes: 250).Count);
        Assert.Equal(5, Read(loglet, 1, maxBytes: 500).Count);
        Assert.Equal([4UL, 5UL], Read(loglet, 4).Select(entry => entry.Lsn));
        Assert.Equal([2UL, 3UL], Read(loglet, 2, upTo: 3).Select(entry => entry.Lsn));
        Assert.Equal([2UL], Read(loglet, 2, upTo: 2).Select(entry => entry.Lsn));
        Assert.Empty(Read(loglet, 2, upTo: 1));
        Assert.Empty(Read(loglet, 6));
        Assert.Empty(Read(loglet, ulong.MaxValue));
    }

    [Fact]
    public async Task An_empty_record_is_a_record()
    {
        ILoglet loglet = Provider.Open(Log);
        Assert.Equal(Lsn.First, await AppendAsync(loglet, string.Empty));
        Assert.Equal([(1UL, string.Empty)], Read(loglet, 1));
    }

    [Fact]
    public async Task Trim_point_never_goes_back_and_never_passes_the_tail()
    {
        ILoglet loglet = Provider.Open(Log);
        for (ulong i = 1; i <= 10; i++)
            await AppendAsync(loglet, Text(i));
        loglet.Trim(new Lsn(6));
        Assert.Equal(new Lsn(6), loglet.TrimPoint);
        loglet.Trim(new Lsn(3));
        loglet.Trim(Lsn.None);
        Assert.Equal(new Lsn(6), loglet.TrimPoint);
        Assert.Throws<ArgumentOutOfRangeException>(() => loglet.Trim(new Lsn(11)));
        Assert.Equal(new Lsn(6), loglet.TrimPoint);
        Assert.Equal(new Lsn(10), loglet.Tail);
    }

    [Fact]
    public async Task Reading_what_was_trimmed_says_so()
    {
        ILoglet loglet = Provider.Open(Log);
        for (ulong i = 1; i <= 10; i++)
            await AppendAsync(loglet, Text(i));
        loglet.Trim(new Lsn(6));
        foreach (ulong from in (ulong[])[1, 6])
        {
            Assert.Equal(
                $"log 7: records from {from} on were trimmed (trim point 6)",
                Assert.Throws<StorageException>(() => Read(loglet, from)).Message);
        }

        Assert.Equal([7UL, 8UL, 9UL, 10UL], Read(loglet, 7).Select(entry => entry.Lsn));
    }

    [Fact]
    public async Task Numbers_go_on_after_everything_was_trimmed()
    {
        ILoglet loglet = Provider.Open(Log);
        await AppendAsync(loglet, "a");
        await AppendAsync(loglet, "b");
        loglet.Trim(new Lsn(2));
        Assert.Equal(new Lsn(2), loglet.Tail);
        Assert.Empty(Read(loglet, 3));
        Assert.Equal(new Lsn(3), await AppendAsync(loglet, "c"));
        Assert.Equal([(3UL, "c")], Read(loglet, 3));
    }

    [Fact]
    public async Task Subscribers_are_told_after_the_tail_moved_until_they_leave()
    {
        ILoglet loglet = Provider.Open(Log);
        ulong seen = 0;
        int told = 0;
        using (loglet.Subscribe(() =>
        {
            told++;
            seen = loglet.Tail.Value;
        }))
        {
            for (ulong i = 1; i <= 5; i++)
            {
                Lsn lsn = await AppendAsync(loglet, Text(i));
                Assert.Equal(lsn.Value, seen);
                Assert.Equal((int)i, told);
            }
        }

        await AppendAsync(loglet, "after");
        Assert.Equal(5, told);
    }

    private protected static string Text(ulong i) => "record " + i.ToString(CultureInfo.InvariantCulture);

    private protected static async Task<Lsn> AppendAsync(ILoglet loglet, string text)
    {
        RecordBuffer record = RecordBuffer.Copy(System.Text.Encoding.UTF8.GetBytes(text));
        try
        {
            return await loglet.AppendAsync(record);
        }
        finally
        {
            record.Release();
        }
    }

    private protected static List<(ulong Lsn, string Text)> Read(ILoglet loglet, ulong from, long maxBytes = long.MaxValue, ulong upTo = ulong.MaxValue)
    {
        var entries = new List<LogEntry>();
        loglet.Read(new Lsn(from), new Lsn(upTo), maxBytes, entries);
        return Release(entries);
    }

    private protected static List<(ulong Lsn, string Text)> Release(List<LogEntry> entries)
    {
        List<(ulong, string)> read = [.. entries.Select(entry => (entry.Lsn.Value, System.Text.Encoding.UTF8.GetString(entry.Record.Span)))];
        foreach (LogEntry entry in entries)
            entry.Record.Release();
        return read;
    }
}

/// <summary>Logs in memory.</summary>
public sealed class InMemoryLogletTests : LogletContract
{
    private protected override ILogletProvider Provider { get; } = new InMemoryLoglets();
}
