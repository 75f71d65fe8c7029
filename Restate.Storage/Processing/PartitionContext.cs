using Microsoft.Extensions.Logging;
using Restate.Storage.Memory;
using Restate.Storage.Metadata;
using Restate.Storage.Partitions;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>What all partitions of a node share.</summary>
/// <param name="OpenStore">Opens the store of a partition with the memtable settings of this moment; blocks.</param>
/// <param name="Metadata">Holds the leader epochs.</param>
/// <param name="Admission">Gate in front of all memtables.</param>
/// <param name="Census">Which partitions count for the budget.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">For the life of partitions.</param>
internal sealed record PartitionContext(
    Func<PartitionId, PartitionStore> OpenStore,
    IMetadataStore Metadata,
    WriteAdmission Admission,
    PartitionCensus Census,
    TimeProvider Time,
    ILogger Logger);
