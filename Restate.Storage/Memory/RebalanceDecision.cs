namespace Restate.Storage.Memory;

/// <summary>One database as a tick saw it.</summary>
/// <param name="Target">The database.</param>
/// <param name="Memtable">Its memtable figures.</param>
/// <param name="IdleFor">How long its figures have not changed.</param>
internal readonly record struct TargetReading(IMemoryTarget Target, MemtableSample Memtable, TimeSpan IdleFor)
{
    /// <summary>Bytes that a flush started now would free besides those already on their way.</summary>
    public long Gain => Memtable.FlushPending ? Memtable.ActiveBytes : Memtable.UnflushedBytes;

    /// <summary>Bytes that a running flush is about to free.</summary>
    public long OnTheWay => Memtable.FlushPending ? Math.Max(0, Memtable.UnflushedBytes - Memtable.ActiveBytes) : 0;
}

/// <summary>What a tick saw.</summary>
/// <param name="ManagerCapacity">Write buffer manager capacity.</param>
/// <param name="ManagerUsage">Bytes in all memtables.</param>
/// <param name="CacheCapacity">Block cache capacity.</param>
/// <param name="Targets">All open databases.</param>
internal sealed record MemoryReading(long ManagerCapacity, long ManagerUsage, long CacheCapacity, IReadOnlyList<TargetReading> Targets);

/// <summary>Why a database is flushed.</summary>
public enum FlushReason
{
    /// <summary>Memtable memory must come down to the capacity.</summary>
    OverCapacity,

    /// <summary>The partition holds more than 1.5 times its share.</summary>
    OverShare,

    /// <summary>Nothing was written to it for 30 s and the pool is short.</summary>
    Idle,

    /// <summary>The only database of its component holds more than the component's budget.</summary>
    OverBudget,
}

/// <summary>A flush to start.</summary>
internal readonly record struct FlushOrder(IMemoryTarget Target, FlushReason Reason, long ExpectedBytes);

/// <summary>Settings to give to a database.</summary>
internal readonly record struct SettingsChange(IMemoryTarget Target, WriteBufferSettings Settings);

/// <summary>What a tick does. Made by a pure function of reading and plan.</summary>
/// <param name="ManagerCapacity">New write buffer manager capacity; null: leave it.</param>
/// <param name="CacheCapacity">New block cache capacity; null: leave it.</param>
/// <param name="Flushes">Flushes to start, the one that frees most first.</param>
/// <param name="Settings">Write buffer settings to apply, those that lower first.</param>
internal sealed record RebalanceDecision(
    long? ManagerCapacity, long? CacheCapacity, IReadOnlyList<FlushOrder> Flushes, IReadOnlyList<SettingsChange> Settings)
{
    /// <summary>
    /// A partition above this many times its share is flushed: shares move whenever a partition opens or closes, and a flush for
    /// every move would be a storm of small files. Log and metadata have no such factor: their buffers add up to their budget,
    /// so they hold more only in memtables of a larger budget before, which nothing else would bring down.
    /// </summary>
    public const double OverShareFactor = 1.5;

    /// <summary>
    /// The pool is short above this part of its capacity. RocksDB flushes by itself at 7/8 and admission at 0.9; an idle
    /// memtable has to go before that, or the flush hits a busy one, and below it the memory is not needed by anyone.
    /// </summary>
    public const double ShortFrom = 0.75;

    /// <summary>Flushing to free memory ends here: admission starts flushes of its own above it.</summary>
    public const double FitTo = WriteAdmission.FlushFrom;

    /// <summary>An idle memtable is not worth a file below this size.</summary>
    public const long MinIdleBytes = 512L << 10;

    /// <summary>Most reclaiming flushes of one tick; lowering the capacity is not bound by it.</summary>
    public const int MaxReclaims = 64;

    /// <summary>How long a database must be unchanged to be idle.</summary>
    public static readonly TimeSpan IdleAfter = TimeSpan.FromSeconds(30);

    /// <summary>Decides. Pure: equal arguments give equal results.</summary>
    /// <param name="reading">What is.</param>
    /// <param name="plan">What shall be.</param>
    /// <param name="reclaim">False: no flushes of databases over their share or budget and of idle ones.</param>
    public static RebalanceDecision Decide(MemoryReading reading, MemoryPlan plan, bool reclaim) => new(
        reading.ManagerCapacity == plan.MemtablesBytes ? null : plan.MemtablesBytes,
        reading.CacheCapacity == plan.TotalBytes ? null : plan.TotalBytes,
        DecideFlushes(reading, plan, reclaim),
        DecideSettings(reading, plan));

    private static List<FlushOrder> DecideFlushes(MemoryReading reading, MemoryPlan plan, bool reclaim)
    {
        var byGain = reading.Targets.Where(target => target.Gain > 0)
            .OrderByDescending(target => target.Gain).ThenBy(target => target.Target.Name, StringComparer.Ordinal).ToList();
        long projected = reading.ManagerUsage - reading.Targets.Sum(target => target.OnTheWay);
        var chosen = new List<FlushOrder>();
        var taken = new HashSet<IMemoryTarget>();

        void Take(TargetReading target, FlushReason reason)
        {
            if (!taken.Add(target.Target))
                return;
            chosen.Add(new FlushOrder(target.Target, reason, target.Gain));
            projected -= target.Gain;
        }

        if (projected > plan.MemtablesBytes)
        {
            foreach (TargetReading target in byGain.TakeWhile(_ => projected > plan.MemtablesBytes * FitTo))
                Take(target, FlushReason.OverCapacity);
        }

        if (!reclaim)
            return chosen;

        // A set of candidates, most bytes first: a partition that is idle and over its share is flushed once.
        int reclaims = 0;
        foreach (TargetReading target in byGain.Where(target => !target.Memtable.FlushPending))
        {
            if (reclaims == MaxReclaims)
                break;
            bool over = HoldsTooMuch(target, plan);
            bool idle = target.IdleFor >= IdleAfter && target.Memtable.UnflushedBytes > MinIdleBytes
                && projected > plan.MemtablesBytes * ShortFrom;
            if (!(over || idle) || taken.Contains(target.Target))
                continue;
            Take(target, over ? OverReason(target.Target.Component) : FlushReason.Idle);
            reclaims++;
        }

        return chosen;
    }

    /// <summary>
    /// Where even the smallest buffers are more than the share, their sum stands for it: flushing at the share would make a file
    /// of every write and free nothing, for the next memtable begins with a block of the same size.
    /// </summary>
    private static bool HoldsTooMuch(in TargetReading target, MemoryPlan plan)
    {
        MemoryComponent component = target.Target.Component;
        long buffers = Held(plan.SettingsFor(component));
        return component == MemoryComponent.PartitionStore
            ? target.Memtable.UnflushedBytes > Math.Max(plan.PartitionBudgetBytes, buffers) * OverShareFactor
            : target.Memtable.UnflushedBytes > Math.Max(plan.BudgetFor(component), buffers);
    }

    private static FlushReason OverReason(MemoryComponent component) =>
        component == MemoryComponent.PartitionStore ? FlushReason.OverShare : FlushReason.OverBudget;

    private static List<SettingsChange> DecideSettings(MemoryReading reading, MemoryPlan plan)
    {
        var changes = new List<SettingsChange>();
        foreach (IGrouping<MemoryComponent, IMemoryTarget> group in reading.Targets.Select(target => target.Target).GroupBy(target => target.Component))
        {
            WriteBufferSettings wanted = plan.SettingsFor(group.Key);
            long budget = plan.BudgetFor(group.Key);
            Int128 held = 0;
            foreach (IMemoryTarget target in group)
                held += (Int128)target.AppliedSettings.WriteBufferBytes * target.AppliedSettings.MaxWriteBuffers;
            bool mustLower = held > budget;
            changes.AddRange(group.Where(target => Differs(target.AppliedSettings, wanted, mustLower))
                .Select(target => new SettingsChange(target, wanted)));
        }

        return [.. changes.OrderBy(change => Held(change.Settings) - Held(change.Target.AppliedSettings))
            .ThenBy(change => change.Target.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// True when a change is worth 2 to 4 ms: another number of buffers, or a size that differs by 10 % or more; any
    /// lowering where the databases together hold more than their budget.
    /// </summary>
    private static bool Differs(in WriteBufferSettings applied, in WriteBufferSettings wanted, bool mustLower)
    {
        if (applied.MaxWriteBuffers != wanted.MaxWriteBuffers)
            return true;
        long difference = wanted.WriteBufferBytes - applied.WriteBufferBytes;
        return (mustLower && difference < 0) || Math.Abs(difference) * 10 >= applied.WriteBufferBytes;
    }

    private static long Held(in WriteBufferSettings settings) => settings.WriteBufferBytes * settings.MaxWriteBuffers;
}
