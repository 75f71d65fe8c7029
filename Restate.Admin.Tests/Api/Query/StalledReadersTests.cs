using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Api.Query;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

public sealed class StalledReadersTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<QueryGuard> _running = [];
    private readonly StalledReaders _readers;
    private string? _need;

    public StalledReadersTests() => _readers = new StalledReaders(_time, () => _need);

    public void Dispose() => _running.ForEach(guard => guard.Dispose());

    [Fact]
    public void Nobody_goes_while_nobody_needs_what_they_hold()
    {
        QueryGuard guard = Add();
        guard.WaitForReader();
        Later(TimeSpan.FromSeconds(50));
        Assert.False(guard.IsStopped);
        _need = "other queries waited for a slot";
        Later(TimeSpan.Zero);
        Assert.Equal(QueryFailure.ReaderStopped, guard.Reason?.Failure);
        Assert.Equal("the client stopped reading for 10 s while other queries waited for a slot", guard.Reason?.Message);
        Assert.Equal(1, _readers.Stopped);
    }

    [Fact]
    public void Time_counts_anew_with_every_piece_the_reader_takes()
    {
        QueryGuard guard = Add();
        _need = "it is needed";
        for (int i = 0; i < 10; i++)
        {
            guard.WaitForReader();
            Later(TimeSpan.FromSeconds(9.9));
            guard.ReaderTook();

            // However long the query itself takes for its next rows.
            Later(TimeSpan.FromSeconds(30));
        }

        Assert.False(guard.IsStopped);
        guard.WaitForReader();
        Later(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.False(guard.IsStopped);
        Later(TimeSpan.FromTicks(1));
        Assert.True(guard.IsStopped);
    }

    [Fact]
    public void The_longest_goes_first_and_the_next_not_before_its_place_is_taken()
    {
        QueryGuard young = Add();
        QueryGuard old = Add();
        QueryGuard reading = Add();
        old.WaitForReader();
        Later(TimeSpan.FromSeconds(1));
        young.WaitForReader();
        Later(TimeSpan.FromSeconds(20));
        _need = "it is needed";
        Later(TimeSpan.Zero);
        Assert.True(old.IsStopped);
        Later(TimeSpan.FromMilliseconds(199));
        Assert.False(young.IsStopped);
        Later(TimeSpan.FromMilliseconds(1));
        Assert.True(young.IsStopped);
        Later(TimeSpan.FromSeconds(60));
        Assert.False(reading.IsStopped);
        Assert.Equal(2, _readers.Stopped);
    }

    private QueryGuard Add()
    {
        var guard = new QueryGuard(TimeSpan.FromMinutes(10), _time, CancellationToken.None);
        _running.Add(guard);
        return guard;
    }

    private void Later(TimeSpan time)
    {
        _time.Advance(time);
        _readers.Stop(_running, _time.GetTimestamp());
    }
}
