namespace Restate.Storage.Processing;

/// <summary>Wakes one waiter, now or at its next wait; setting it twice wakes once. Thread-safe.</summary>
internal sealed class AsyncAutoResetSignal : IDisposable
{
    private readonly SemaphoreSlim _semaphore = new(0, 1);
    private int _set;

    /// <summary>Wakes the waiter.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _set, 1) == 0)
            _semaphore.Release();
    }

    /// <summary>Waits for <see cref="Set"/>. One waiter at a time.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _semaphore.WaitAsync(cancellationToken);

        // A full fence: what the waiter looks at next must not be read before the signal can be set again.
        Interlocked.Exchange(ref _set, 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _semaphore.Dispose();
}

/// <summary>Wakes everybody who waits for a change that happened after they looked. Thread-safe.</summary>
internal sealed class AsyncPulse
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next <see cref="Pulse"/>. Take it before looking at what may change.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Something changed.</summary>
    public void Pulse() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
