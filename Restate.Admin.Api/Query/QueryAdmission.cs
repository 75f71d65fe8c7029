using System.Globalization;

namespace Restate.Admin.Api.Query;

/// <summary>Lets a few queries run at once and a few more wait a moment.</summary>
internal sealed class QueryAdmission : IDisposable
{
    /// <summary>Queries that wait. With the wait below it bounds what an overloaded node keeps in memory for callers.</summary>
    internal const int MaxWaiting = 16;

    /// <summary>Longest wait: about as long as a person waits without wondering; after it, trying again is better than holding on.</summary>
    internal static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _slots;
    private int _waiting;

    /// <param name="concurrency">Queries at once. More than the processors would only share them, and split the memory.</param>
    internal QueryAdmission(int concurrency)
    {
        Concurrency = concurrency;
        _slots = new SemaphoreSlim(concurrency, concurrency);
    }

    /// <summary>Queries that may run at once.</summary>
    internal int Concurrency { get; }

    /// <summary>Queries that run now.</summary>
    internal int Running => Concurrency - _slots.CurrentCount;

    /// <summary>Queries that wait for a slot now.</summary>
    internal int Waiting => Math.Min(Volatile.Read(ref _waiting), MaxWaiting);

    /// <summary>Takes a slot; give it back with <see cref="Leave"/>.</summary>
    /// <exception cref="QueryException">None became free in time, or too many wait already.</exception>
    internal async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        if (_slots.Wait(0, CancellationToken.None))
            return;
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw Busy();
        }

        try
        {
            if (!await _slots.WaitAsync(MaxWait, cancellationToken))
                throw Busy();
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <summary>Takes a slot for good: when the engine closes. False when none came free in time.</summary>
    internal Task<bool> DrainAsync(TimeSpan timeout) => _slots.WaitAsync(timeout, CancellationToken.None);

    internal void Leave() => _slots.Release();

    public void Dispose() => _slots.Dispose();

    private QueryException Busy() => new(
        QueryFailure.Busy,
        string.Create(CultureInfo.InvariantCulture, $"too many queries: {Concurrency} run and {MaxWaiting} may wait {MaxWait.TotalSeconds} s; try again"));
}
