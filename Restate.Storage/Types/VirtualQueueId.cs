using System.Diagnostics.CodeAnalysis;

namespace Restate.Storage.Types;

/// <summary>Id of a virtual queue: the partition key that places it, and a number that tells it from others of that key.</summary>
/// <param name="PartitionKey">Partition key of what queues in it.</param>
/// <param name="Number">128 bits, unique within the partition key.</param>
/// <remarks>In text as Restate's: <c>vq_1</c>, 11 characters of partition key, 22 of number.</remarks>
public readonly record struct VirtualQueueId(ulong PartitionKey, UInt128 Number)
{
    private const string ResourceType = "vq";

    /// <summary>Reads an id, or says in Restate's words why the text is none, such as <c>unrecognized codec version</c>.</summary>
    public static bool TryParse(string text, out VirtualQueueId id, [NotNullWhen(false)] out string? error)
    {
        bool isId = IdText.TryRead(text, ResourceType, out ulong key, out UInt128 number, out error);
        id = isId ? new VirtualQueueId(key, number) : default;
        return isId;
    }
}
