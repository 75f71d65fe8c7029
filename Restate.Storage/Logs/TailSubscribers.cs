namespace Restate.Storage.Logs;

/// <summary>Callbacks of a loglet's readers; copy on write, so that notifying takes no lock.</summary>
internal sealed class TailSubscribers
{
    private readonly Lock _lock = new();
    private volatile Action[] _callbacks = [];

    public IDisposable Add(Action callback)
    {
        lock (_lock)
            _callbacks = [.. _callbacks, callback];
        return new Subscription(this, callback);
    }

    public void Notify()
    {
        foreach (Action callback in _callbacks)
            callback();
    }

    private sealed class Subscription(TailSubscribers owner, Action callback) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._lock)
                owner._callbacks = [.. owner._callbacks.Where(existing => !ReferenceEquals(existing, callback))];
        }
    }
}
