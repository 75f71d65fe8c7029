namespace Restate.Storage.Configuration;

/// <summary>The configuration that a part of the node has carried out, and those who wait for one. Thread-safe.</summary>
public sealed class AppliedConfiguration
{
    private readonly Lock _lock = new();
    private readonly List<(long Generation, TaskCompletionSource Reached)> _waiters = [];
    private ConfigurationSnapshot? _current;

    /// <summary>What was carried out last; null before the first.</summary>
    public ConfigurationSnapshot? Current => Volatile.Read(ref _current);

    /// <summary>Its generation; 0 before the first.</summary>
    public long Generation => Current?.Generation ?? 0;

    /// <summary>Notes that a configuration is carried out. An older one than the last changes nothing.</summary>
    public void Set(ConfigurationSnapshot configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        List<TaskCompletionSource> reached;
        lock (_lock)
        {
            if (configuration.Generation < Generation)
                return;
            Volatile.Write(ref _current, configuration);
            reached = [.. _waiters.Where(waiter => waiter.Generation <= configuration.Generation).Select(waiter => waiter.Reached)];
        }

        foreach (TaskCompletionSource waiter in reached)
            waiter.TrySetResult();
    }

    /// <summary>Waits until a generation is carried out.</summary>
    /// <returns>False when <paramref name="timeout"/> passed first.</returns>
    public async Task<bool> WaitAsync(long generation, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (Generation >= generation)
                return true;
            _waiters.Add((generation, reached));
        }

        try
        {
            await reached.Task.WaitAsync(timeout, time, cancellationToken);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_lock)
                _waiters.RemoveAll(waiter => waiter.Reached == reached);
        }
    }
}
