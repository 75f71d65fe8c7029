using Restate.Storage.Memory;
using Restate.Storage.Types;

namespace Restate.Admin.Tests.Storage.Memory;

/// <summary>Shared memory whose figures a test writes down.</summary>
internal sealed class ScriptedMemory : ISharedMemory
{
    private readonly Lock _lock = new();
    private ScriptedTarget[] _targets = [];
    private long _usage;
    private long _managerCapacity;
    private long _cacheCapacity;

    public List<string> Calls { get; } = [];

    public ManualResetEventSlim Trimmed { get; } = new();

    public IReadOnlyList<IMemoryTarget> Targets => _targets;

    public long WriteBufferManagerCapacity
    {
        get => Volatile.Read(ref _managerCapacity);
        set
        {
            Record($"manager={value}");
            Volatile.Write(ref _managerCapacity, value);
        }
    }

    public long WriteBufferManagerUsage
    {
        get => Volatile.Read(ref _usage);
        set => Volatile.Write(ref _usage, value);
    }

    public long WriteBufferManagerMutableUsage => _targets.Sum(target => target.Memtable.ActiveBytes);

    public long BlockCacheCapacity
    {
        get => Volatile.Read(ref _cacheCapacity);
        set
        {
            Record($"cache={value}");
            Volatile.Write(ref _cacheCapacity, value);
        }
    }

    public long BlockCacheUsage { get; set; }

    public long BlockCachePinnedUsage { get; set; }

    public void TrimAllocator() => Trimmed.Set();

    public ScriptedTarget Add(string name, MemoryComponent component, int? partition = null)
    {
        var target = new ScriptedTarget(this, name, component, partition is { } id ? new PartitionId((ushort)id) : null);
        _targets = [.. _targets, target];
        return target;
    }

    public ScriptedTarget AddPartition(int id) => Add($"partition-{id}", MemoryComponent.PartitionStore, id);

    public void Remove(ScriptedTarget target) => _targets = [.. _targets.Where(other => other != target)];

    public void Record(string call)
    {
        lock (_lock)
            Calls.Add(call);
    }
}

/// <summary>A database whose figures a test writes down.</summary>
internal sealed class ScriptedTarget(ScriptedMemory memory, string name, MemoryComponent component, PartitionId? partition) : IMemoryTarget
{
    private int _flushes;

    public string Name => name;

    public MemoryComponent Component => component;

    public PartitionId? Partition => partition;

    public WriteBufferSettings AppliedSettings { get; set; }

    public MemtableSample Memtable { get; set; }

    public Exception? SampleFailure { get; set; }

    public Exception? FlushFailure { get; set; }

    public Exception? ApplyFailure { get; set; }

    public int Flushes => Volatile.Read(ref _flushes);

    public ManualResetEventSlim Applied { get; } = new();

    public MemtableSample Sample() => SampleFailure is null ? Memtable : throw SampleFailure;

    public void Apply(in WriteBufferSettings settings)
    {
        if (ApplyFailure is not null)
            throw ApplyFailure;
        AppliedSettings = settings;
        Applied.Set();
    }

    public void StartFlush()
    {
        if (FlushFailure is not null)
            throw FlushFailure;
        memory.Record($"flush={name}");
        Memtable = Memtable with { FlushPending = true };
        Interlocked.Increment(ref _flushes);
    }

    /// <summary>The memtable that takes writes holds so much, and nothing else.</summary>
    public void Holds(long bytes) => Memtable = new MemtableSample(bytes, bytes, bytes, FlushPending: false);
}
