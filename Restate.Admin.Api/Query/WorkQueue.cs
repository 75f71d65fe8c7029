using System.Collections.Concurrent;

namespace Restate.Admin.Api.Query;

/// <summary>
/// Work for one thread, in order. Unlike a <see cref="BlockingCollection{T}"/> it sleeps at once where there is none: looking out for work a
/// thread gives its turn away again and again, to a query where one runs, and gets it back milliseconds later.
/// </summary>
internal sealed class WorkQueue : IDisposable
{
    private readonly ConcurrentQueue<Action> _work = [];
    private readonly AutoResetEvent _there = new(initialState: false);
    private volatile bool _isComplete;

    /// <summary>Has <paramref name="work"/> done after all that was added before. Thread-safe.</summary>
    /// <exception cref="ObjectDisposedException">It is complete: nobody would do the work.</exception>
    internal void Add(Action work)
    {
        ObjectDisposedException.ThrowIf(_isComplete, this);
        _work.Enqueue(work);
        _there.Set();
    }

    /// <summary>Nothing is added any more: <see cref="Run"/> returns once all is done. Thread-safe.</summary>
    internal void Complete()
    {
        _isComplete = true;
        _there.Set();
    }

    /// <summary>Does the work on the calling thread, the only one, until <see cref="Complete"/>.</summary>
    internal void Run()
    {
        while (true)
        {
            // Read first: what was added before it was set is then seen below.
            bool isComplete = _isComplete;
            if (_work.TryDequeue(out Action? work))
                work();
            else if (isComplete)
                return;
            else
                _there.WaitOne();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _there.Dispose();
}
