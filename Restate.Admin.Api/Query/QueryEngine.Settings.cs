using Restate.Admin.Api.Query.Interop;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Query;

/// <summary>
/// The settings that change while queries run. The time limit and the watch over memory follow at once; DuckDB refuses to lower its own
/// limit while more is in use, and is asked again until it does.
/// </summary>
internal sealed partial class QueryEngine
{
    private readonly Lock _applyLock = new();
    private ConfigurationSnapshot? _desired;
    private Task _carryingOut = Task.CompletedTask;
    private bool _isCarryingOut;
    private string? _refusal;

    /// <summary>The configuration whose settings hold in all parts of the engine, DuckDB's limit included.</summary>
    internal AppliedConfiguration Applied { get; } = new();

    /// <summary>Why DuckDB's limit is not yet what the settings say; null while it is.</summary>
    internal string? Refusal => Volatile.Read(ref _refusal);

    /// <summary>Takes over what can change while queries run: memory and time limit.</summary>
    /// <exception cref="DuckDbException">DuckDB cannot give up enough memory now; the new limit holds for the watch all the same.</exception>
    internal void Apply(QueryEngineSettings settings)
    {
        Follow(settings);
        if (settings.MemoryBytes != _instance.PoolBytes)
            _instance.SetPool(settings.MemoryBytes);
    }

    /// <summary>Asks DuckDB again for a limit that it refused. Returns at once.</summary>
    internal void RetryMemory()
    {
        lock (_applyLock)
        {
            if (_isDisposed || _isCarryingOut || _desired is null || Applied.Generation >= _desired.Generation)
                return;

            // Evicting can take DuckDB a while, and callers are ticks, requests and queries that end.
            _isCarryingOut = true;
            _carryingOut = Task.Run(CarryOut);
        }
    }

    private void OnConfigurationChanged(ConfigurationSnapshot snapshot)
    {
        lock (_applyLock)
        {
            if (_desired is not null && snapshot.Generation < _desired.Generation)
                return;
            QueryEngineSettings settings = QueryEngineSettings.From(snapshot.Value);
            Follow(settings);
            _desired = snapshot;
            if (!_isCarryingOut && settings.MemoryBytes == _instance.PoolBytes)
                Reached(snapshot);
        }

        RetryMemory();
    }

    private void Follow(QueryEngineSettings settings)
    {
        lock (_applyLock)
        {
            Volatile.Write(ref _settings, _settings with { MemoryBytes = settings.MemoryBytes, Timeout = settings.Timeout });
            LargeAllocations.LimitBytes = settings.MemoryBytes;
        }
    }

    /// <summary>Brings DuckDB to the newest settings, or to a refusal.</summary>
    private void CarryOut()
    {
        while (true)
        {
            ConfigurationSnapshot desired;
            lock (_applyLock)
                desired = _desired!;
            long bytes = QueryEngineSettings.From(desired.Value).MemoryBytes;
            string? refusal = null;
            try
            {
                if (bytes != _instance.PoolBytes)
                {
                    _instance.SetPool(bytes);
                    Log.MemoryApplied(_logger, bytes);
                }
            }
            catch (Exception e)
            {
                // Whatever it is: an exception that left here would end all later changes of the size.
                refusal = e.Message;
            }

            lock (_applyLock)
            {
                if (!ReferenceEquals(desired, _desired))
                    continue;
                _isCarryingOut = false;
                if (refusal is null)
                {
                    Reached(desired);
                }
                else
                {
                    // Once and not at every try: a query may hold its memory for a minute.
                    if (_refusal is null)
                        Log.MemoryNotApplied(_logger, bytes, refusal);
                    Volatile.Write(ref _refusal, refusal);
                }

                return;
            }
        }
    }

    private void Reached(ConfigurationSnapshot snapshot)
    {
        Volatile.Write(ref _refusal, null);
        Applied.Set(snapshot);
    }
}
