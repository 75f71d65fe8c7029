namespace Restate.Storage.Memory;

/// <summary>Something about the memory configuration that an operator should change.</summary>
/// <param name="Code">Stable name, one of <see cref="MemoryWarningCodes"/>.</param>
/// <param name="Message">What is wrong, with figures.</param>
/// <param name="WhatToDo">The settings to change.</param>
public sealed record MemoryWarning(string Code, string Message, string WhatToDo)
{
    /// <summary>True for those that end in an out-of-memory kill; they are logged as errors.</summary>
    public bool IsError => Code != MemoryWarningCodes.BudgetsScaled && Code != MemoryWarningCodes.OverSubscribed;
}

/// <summary>The codes of <see cref="MemoryWarning"/>.</summary>
public static class MemoryWarningCodes
{
    /// <summary><c>rocksdb-total-memory-size</c> alone is over 90 % of the process limit.</summary>
    public const string RocksDbRisk = "rocksdb_oom_risk";

    /// <summary><c>rocksdb-total-memory-size</c> alone is over the process limit.</summary>
    public const string RocksDbGuaranteed = "rocksdb_oom_guaranteed";

    /// <summary>All pools together are over 90 % of the process limit.</summary>
    public const string PoolsRisk = "pools_oom_risk";

    /// <summary>All pools together are over the process limit.</summary>
    public const string PoolsGuaranteed = "pools_oom_guaranteed";

    /// <summary>The components ask for more than the memtable memory and each got less.</summary>
    public const string BudgetsScaled = "budgets_scaled";

    /// <summary>Not even the smallest write buffers of all databases fit their budgets.</summary>
    public const string OverSubscribed = "over_subscribed";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [RocksDbRisk, RocksDbGuaranteed, PoolsRisk, PoolsGuaranteed, BudgetsScaled, OverSubscribed];
}
