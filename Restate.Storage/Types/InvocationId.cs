using System.Diagnostics.CodeAnalysis;

namespace Restate.Storage.Types;

/// <summary>Id of an invocation: the partition key that places it, and a number that tells it from others of that key.</summary>
/// <param name="PartitionKey">Partition key of its target.</param>
/// <param name="Number">128 bits, unique within the partition key.</param>
/// <remarks>In text as Restate's: <c>inv_1</c>, 11 characters of partition key, 22 of number.</remarks>
public readonly record struct InvocationId(ulong PartitionKey, UInt128 Number)
{
    private const string ResourceType = "inv";

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is no invocation id; the message says why.</exception>
    public static InvocationId Parse(string text) =>
        TryParse(text, out InvocationId id, out string? error) ? id : throw new FormatException($"invocation id '{text}': {error}");

    /// <summary>Reads an id, or says in Restate's words why the text is none, such as <c>unrecognized codec version</c>.</summary>
    public static bool TryParse(string text, out InvocationId id, [NotNullWhen(false)] out string? error)
    {
        bool isId = IdText.TryRead(text, ResourceType, out ulong key, out UInt128 number, out error);
        id = isId ? new InvocationId(key, number) : default;
        return isId;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(ResourceType.Length + 2 + Base62.Width64 + Base62.Width128, this, static (text, id) =>
        {
            Span<char> fields = IdText.WriteFrame(text, ResourceType);
            Base62.Write(id.PartitionKey, fields);
            Base62.Write(id.Number, fields[Base62.Width64..]);
        });
}
