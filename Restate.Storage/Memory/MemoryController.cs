using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Restate.Storage.Configuration;

namespace Restate.Storage.Memory;

/// <summary>
/// Keeps RocksDB's memory as the plan says: at every tick it samples, plans, decides and applies. Configuration changes
/// take effect at the next tick. Thread-safe; register it as a singleton and as a hosted service that stops first.
/// </summary>
public sealed partial class MemoryController : BackgroundService
{
    /// <summary>Number of reports kept.</summary>
    public const int ReportCapacity = 64;

    private readonly ISharedMemory _memory;
    private readonly PartitionCensus _census;
    private readonly Func<ConfigurationSnapshot> _configuration;
    private readonly Func<ProcessMemoryLimit> _limit;
    private readonly Func<long> _otherPools;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SettingsApplier _applier;
    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>(new UnboundedChannelOptions { SingleReader = true });

    private readonly Lock _lock = new();
    private readonly Queue<RebalanceReport> _reports = new(ReportCapacity);
    private readonly AppliedConfiguration _applied = new();
    private readonly Dictionary<IMemoryTarget, (MemtableSample Sample, DateTimeOffset Since)> _activity = [];
    private MemoryCaps _caps = MemoryCaps.None;
    private string _warned = string.Empty;
    private bool _trimPending;
    private long _nextTickTicks;
    private long _partitionBudget;
    private long _ticks;
    private long _failedTicks;
    private long _reclaimFlushes;

    /// <summary>Creates the controller; it acts once it is started.</summary>
    /// <param name="memory">The memory and the databases.</param>
    /// <param name="census">Which partitions hold a share.</param>
    /// <param name="configuration">Gives the configuration in force.</param>
    /// <param name="limit">Gives the memory limit of the process; read at every tick, for containers can be resized.</param>
    /// <param name="otherPools">Gives the capacities of all pools besides RocksDB's, in bytes.</param>
    /// <param name="time">Clock of ticks and grace periods.</param>
    /// <param name="logger">Told of warnings of the plan, changes and failures.</param>
    public MemoryController(
        ISharedMemory memory,
        PartitionCensus census,
        Func<ConfigurationSnapshot> configuration,
        Func<ProcessMemoryLimit> limit,
        Func<long> otherPools,
        TimeProvider time,
        ILogger<MemoryController> logger)
    {
        _memory = memory;
        _census = census;
        _configuration = configuration;
        _limit = limit;
        _otherPools = otherPools;
        _time = time;
        _logger = logger;
        _applier = new SettingsApplier(memory, time, logger);
    }

    /// <summary>Raised at the end of every tick, on its thread. A handler that throws makes it a failed tick.</summary>
    public event Action? Ticked;

    /// <summary>Raised at the end of every tick with where its time went.</summary>
    public event Action<TickTimings>? Timed;

    /// <summary>The configuration whose cache capacity, manager size and flushes were issued last; null before the first tick.</summary>
    public ConfigurationSnapshot? Applied => _applied.Current;

    /// <summary>
    /// Log provider that the node has since its first start; null: the configured one. Plans are made for it, or the budget of a
    /// log that exists would go to one that does not.
    /// </summary>
    public string? LogProvider { get; set; }

    /// <summary>Generation of <see cref="Applied"/>; 0 before the first tick.</summary>
    public long AppliedGeneration => _applied.Generation;

    /// <summary>The memory limit of the process, read now.</summary>
    public ProcessMemoryLimit Limit => _limit();

    /// <summary>When the next tick is due.</summary>
    public DateTimeOffset NextTickAt => new(Volatile.Read(ref _nextTickTicks), TimeSpan.Zero);

    /// <summary>Share of one partition as the last tick set it; 0 before the first.</summary>
    public long PartitionBudgetBytes => Volatile.Read(ref _partitionBudget);

    /// <summary>Ticks since the start.</summary>
    public long TickCount => Volatile.Read(ref _ticks);

    /// <summary>Ticks that could not be carried out since the start.</summary>
    public long FailedTickCount => Volatile.Read(ref _failedTicks);

    /// <summary>Flushes of databases over their share or budget and of idle ones since the start.</summary>
    public long ReclaimFlushCount => Volatile.Read(ref _reclaimFlushes);

    /// <summary>Databases that were given new write buffers since the start.</summary>
    public long SettingsAppliedCount => _applier.AppliedCount;

    /// <summary>Databases that refused new write buffers, and allocator trims that failed, since the start.</summary>
    public long SettingsFailureCount => _applier.FailureCount;

    /// <summary>The last reports of ticks that acted or were asked for, oldest first.</summary>
    public IReadOnlyList<RebalanceReport> Reports
    {
        get
        {
            lock (_lock)
                return [.. _reports];
        }
    }

    /// <summary>The plan for a configuration with the partitions counted now. Pure apart from reading those and the limit.</summary>
    public MemoryPlan PlanFor(RestateConfiguration configuration)
    {
        if (LogProvider is { } provider && provider != configuration.Bifrost.DefaultProvider)
            configuration = configuration with { Bifrost = configuration.Bifrost with { DefaultProvider = provider } };
        return MemoryPlan.Compute(new MemoryPlanInputs(configuration, _limit(), _census.Counted(), _otherPools()));
    }

    /// <summary>The plan for the configuration in force with the partitions counted now.</summary>
    public MemoryPlan PlanNow() => PlanFor(_configuration().Value);

    /// <summary>Write buffers for a database that opens now. A partition has to be announced to the census before.</summary>
    public WriteBufferSettings SettingsFor(MemoryComponent component) => PlanNow().SettingsFor(component);

    /// <summary>Sets what the guard allows and brings the next tick forward.</summary>
    public void SetCaps(MemoryCaps caps)
    {
        lock (_lock)
        {
            if (_caps == caps)
                return;
            _caps = caps;
        }

        _requests.Writer.TryWrite(new Request(RebalanceTrigger.Guard, null));
    }

    /// <summary>Brings the next tick forward and returns its report.</summary>
    /// <exception cref="ObjectDisposedException">The controller has stopped.</exception>
    public async Task<RebalanceReport> RebalanceNowAsync(CancellationToken cancellationToken)
    {
        var request = new TaskCompletionSource<RebalanceReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        ObjectDisposedException.ThrowIf(!_requests.Writer.TryWrite(new Request(RebalanceTrigger.Request, request)), this);
        return await request.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Waits until a configuration is applied. Does not bring a tick forward.</summary>
    /// <returns>False when <paramref name="timeout"/> passed first.</returns>
    public Task<bool> WaitForGenerationAsync(long generation, TimeSpan timeout, CancellationToken cancellationToken) =>
        _applied.WaitAsync(generation, timeout, _time, cancellationToken);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        EndRequests();
        _applier.Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        EndRequests();
        _applier.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Request? request = new Request(RebalanceTrigger.Start, null);
        while (true)
        {
            RunTick(request?.Trigger ?? RebalanceTrigger.Interval, request?.Done);
            TimeSpan interval = _configuration().Value.WorkerStorage.RebalanceInterval;
            Volatile.Write(ref _nextTickTicks, (_time.GetUtcNow() + interval).UtcTicks);
            request = await NextRequestAsync(interval, stoppingToken);
        }
    }

    /// <summary>Waits for a request; null once the interval passed.</summary>
    private async Task<Request?> NextRequestAsync(TimeSpan interval, CancellationToken stoppingToken)
    {
        using var pause = new CancellationTokenSource(interval, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, stoppingToken);
        try
        {
            return await _requests.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (pause.IsCancellationRequested && !stoppingToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private void RunTick(RebalanceTrigger trigger, TaskCompletionSource<RebalanceReport>? request)
    {
        try
        {
            RebalanceReport report = Tick(trigger);
            Ticked?.Invoke();
            request?.TrySetResult(report);
        }
        catch (Exception e)
        {
            // The loop outlives a tick that fails: without it memory would never be brought back into bounds.
            Interlocked.Increment(ref _failedTicks);
            Log.TickFailed(_logger, e);
            request?.TrySetException(e);
        }
    }

    private void EndRequests()
    {
        _requests.Writer.TryComplete();
        while (_requests.Reader.TryRead(out Request request))
            request.Done?.TrySetException(new ObjectDisposedException(nameof(MemoryController)));
    }

    /// <summary>A tick before its time.</summary>
    /// <param name="Trigger">Why.</param>
    /// <param name="Done">Told of its report; null when nobody waits.</param>
    private readonly record struct Request(RebalanceTrigger Trigger, TaskCompletionSource<RebalanceReport>? Done);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "A tick of the memory controller failed")]
        public static partial void TickFailed(ILogger logger, Exception exception);

        [LoggerMessage(LogLevel.Warning, "[config update] Setting rocksdb total memory limit to {Total}, total memtables size limit to {Memtables}")]
        public static partial void CapacityChanged(ILogger logger, string total, string memtables);

        [LoggerMessage(LogLevel.Information, "Rebalancing the memory budget over {Partitions} partitions. Budget per partition changed from {Before} -> {After}")]
        public static partial void ShareChanged(ILogger logger, int partitions, string before, string after);

        [LoggerMessage(LogLevel.Warning, "Flush of {Database} could not be started")]
        public static partial void FlushFailed(ILogger logger, string database, Exception exception);

        [LoggerMessage("{Message} ({Code}): {WhatToDo}")]
        public static partial void PlanWarning(ILogger logger, LogLevel level, string message, string code, string whatToDo);
    }
}
