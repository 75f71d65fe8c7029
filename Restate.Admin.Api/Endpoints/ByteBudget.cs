namespace Restate.Admin.Api.Endpoints;

/// <summary>
/// Bounds the bytes of request bodies that are held at once. Requests wait in the order of their arrival; a small one does not overtake.
/// Thread-safe.
/// </summary>
internal sealed class ByteBudget(long capacityBytes)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private long _held;

    /// <summary>Bytes held now.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_lock)
                return _held;
        }
    }

    /// <summary>Waits for room; the result gives it back.</summary>
    /// <param name="bytes">0 to the capacity.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Lease> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, capacityBytes);
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            if (_waiters.Count == 0 && _held + bytes <= capacityBytes)
            {
                _held += bytes;
                return new Lease(this, bytes);
            }

            node = _waiters.AddLast(new Waiter(bytes));
        }

        await using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => Cancel(node, cancellationToken), null);
        await node.Value.Admitted.Task;
        return new Lease(this, bytes);
    }

    private void Cancel(LinkedListNode<Waiter> node, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (node.List is null)
                return;
            _waiters.Remove(node);
        }

        node.Value.Admitted.TrySetCanceled(cancellationToken);
        Give(0);
    }

    private void Give(long bytes)
    {
        lock (_lock)
        {
            _held -= bytes;
            while (_waiters.First is { } first && _held + first.Value.Bytes <= capacityBytes)
            {
                _held += first.Value.Bytes;
                _waiters.RemoveFirst();
                first.Value.Admitted.TrySetResult();
            }
        }
    }

    /// <summary>Room taken; given back once, by <see cref="Dispose"/>.</summary>
    public sealed class Lease(ByteBudget budget, long bytes) : IDisposable
    {
        private int _returned;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
                budget.Give(bytes);
        }
    }

    private sealed record Waiter(long Bytes)
    {
        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
