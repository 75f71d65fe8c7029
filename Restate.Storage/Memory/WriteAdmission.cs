using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Restate.Storage.Memory;

/// <summary>Who writes. The lower value goes first.</summary>
public enum AdmissionPriority
{
    /// <summary>A partition processor: it frees the log, so it goes first and never times out.</summary>
    Processor,

    /// <summary>An append to a log.</summary>
    Append,
}

/// <summary>Bytes reserved for one write. Dispose it once, after the write: its bytes then show in the manager's own figure.</summary>
public readonly struct AdmissionLease : IDisposable, IEquatable<AdmissionLease>
{
    private readonly WriteAdmission? _owner;
    private readonly long _charge;

    internal AdmissionLease(WriteAdmission owner, long charge)
    {
        _owner = owner;
        _charge = charge;
    }

    /// <summary>Gives the reservation back.</summary>
    public void Dispose() => _owner?.Release(_charge);

    /// <inheritdoc/>
    public bool Equals(AdmissionLease other) => ReferenceEquals(_owner, other._owner) && _charge == other._charge;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is AdmissionLease other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_owner, _charge);

    /// <summary>Equality of owner and size.</summary>
    public static bool operator ==(AdmissionLease left, AdmissionLease right) => left.Equals(right);

    /// <summary>Inequality of owner or size.</summary>
    public static bool operator !=(AdmissionLease left, AdmissionLease right) => !left.Equals(right);
}

/// <summary>
/// The gate before every write into a memtable. RocksDB's write buffer manager only triggers flushes, and only inside a
/// write; what keeps memtable memory under its capacity is that writers reserve their bytes here first and wait when there
/// are none. Trim, metadata and closing writes do not come here; a margin is kept for them. Thread-safe.
/// </summary>
public sealed partial class WriteAdmission : IDisposable, IAsyncDisposable
{
    /// <summary>At this part of the capacity the gate starts flushes.</summary>
    public const double FlushFrom = 0.9;

    /// <summary>
    /// Besides its entries a write may make its memtable take one arena block more. Every processor writes to a database of
    /// its own, so each reserves a block; blocks of memtables that are older than the last change of settings can be of any
    /// size up to the largest. Appends share one memtable, and so one block: <see cref="Margin"/> has it.
    /// </summary>
    private const long ChargePerProcessor = WriteBufferSizing.MaxArenaBlockBytes;

    /// <summary>One arena block for the log's memtable, and one each for a metadata write and a trim, which bypass the gate.</summary>
    private const long Margin = 3 * WriteBufferSizing.MaxArenaBlockBytes;

    private readonly ISharedMemory _memory;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private bool _delaysAppends;
    private long _reserved;
    private long _waits;
    private long _rejections;
    private long _flushes;
    private long _flushFailures;

    /// <summary>Opens the gate.</summary>
    /// <param name="memory">The figures; its capacity getter must be cheap, for every reservation reads it.</param>
    /// <param name="time">Clock of deadlines and of the re-reading while writers wait.</param>
    /// <param name="logger">Told of flushes that could not be started.</param>
    public WriteAdmission(ISharedMemory memory, TimeProvider time, ILogger<WriteAdmission> logger)
    {
        _memory = memory;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(static state => ((WriteAdmission)state!).Pump(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>True makes every append wait, whatever memtables have room for; processors go on, for they free the log.</summary>
    public bool DelaysAppends
    {
        get => Volatile.Read(ref _delaysAppends);
        set => Volatile.Write(ref _delaysAppends, value);
    }

    /// <summary>Bytes of writes that are admitted and not yet finished, overhead included.</summary>
    public long ReservedBytes => Volatile.Read(ref _reserved);

    /// <summary>Writers that wait now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Writes that had to wait since the start.</summary>
    public long WaitCount => Volatile.Read(ref _waits);

    /// <summary>Appends that waited until their deadline since the start.</summary>
    public long RejectionCount => Volatile.Read(ref _rejections);

    /// <summary>Flushes that the gate started since the start.</summary>
    public long FlushCount => Volatile.Read(ref _flushes);

    /// <summary>Flushes that the gate could not start since the start.</summary>
    public long FlushFailureCount => Volatile.Read(ref _flushFailures);

    /// <summary>Reserves memtable memory for one write; completes at once while there is some.</summary>
    /// <param name="bytes">What the write's entries take in the memtable, their overhead included; 0 or more.</param>
    /// <param name="priority">Processors go before appends; within a class the order of arrival holds.</param>
    /// <param name="deadline">Longest wait of an append, from now; null: no limit. Processors ignore it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AdmissionTimeoutException">An append waited until its deadline.</exception>
    /// <exception cref="ObjectDisposedException">The gate was closed.</exception>
    public ValueTask<AdmissionLease> ReserveAsync(
        long bytes, AdmissionPriority priority, TimeSpan? deadline, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);

        // An arena leaves up to a quarter of a block unused when the next entry does not fit into it.
        long charge = bytes + (bytes / 3) + (priority == AdmissionPriority.Processor ? ChargePerProcessor : 0);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed), this);

        // Nobody overtakes: an append passes only an empty queue, a processor one without processors.
        int ahead = priority == AdmissionPriority.Processor ? Volatile.Read(ref _waitingProcessors) : Volatile.Read(ref _waiting);
        bool delayed = priority == AdmissionPriority.Append && DelaysAppends;
        if (ahead == 0 && !delayed && TryReserve(charge))
            return ValueTask.FromResult(new AdmissionLease(this, charge));
        return new ValueTask<AdmissionLease>(WaitAsync(bytes, charge, priority, deadline, cancellationToken));
    }

    /// <summary>As <see cref="Dispose"/>, and returns when the gate reads no figure any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        CloseQueues();
    }

    /// <summary>Closes the gate: whoever waits gets an <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        CloseQueues();
    }

    internal void Release(long charge) => Interlocked.Add(ref _reserved, -charge);

    private bool TryReserve(long charge)
    {
        // Reserved first, usage second: a write that finishes in between is counted twice and never not at all.
        long reserved = Interlocked.Add(ref _reserved, charge);
        long capacity = _memory.WriteBufferManagerCapacity;
        long usage = _memory.WriteBufferManagerUsage - Volatile.Read(ref _forgivenPinned);
        long limit = capacity - Margin;

        // One that can hardly ever fit must not wait for ever: it goes when nothing else does and memtables are as good as empty.
        bool alone = reserved == charge && usage <= limit / 8;
        if (usage + reserved > limit && !alone)
        {
            Interlocked.Add(ref _reserved, -charge);
            return false;
        }

        if (usage + reserved >= capacity * FlushFrom)
            WakeForFlush();
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Admission could not start a flush of {Database}: {Reason}")]
        public static partial void FlushFailed(ILogger logger, string database, string reason);

        [LoggerMessage(LogLevel.Error, "Admission could not read memory figures; writers keep waiting")]
        public static partial void PumpFailed(ILogger logger, Exception exception);
    }
}
