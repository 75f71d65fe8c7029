using System.Diagnostics.CodeAnalysis;

namespace Restate.Storage.Types;

/// <summary>The frame that all ids share in text: a resource type, <c>_</c>, the codec version <c>1</c>, then base62 fields.</summary>
internal static class IdText
{
    /// <summary>What is said of a field that is no base62 number.</summary>
    private const string BadDigits = "base62 decode error";

    private const char CodecVersion = '1';

    /// <summary>Resource types that ids of Restate carry, ours or not.</summary>
    private static readonly string[] KnownTypes = ["inv", "dp", "prt", "sub", "snap", "sign", "prom", "awk"];

    /// <summary>Reads an id whose one field is a number of 128 bits.</summary>
    /// <param name="text">The id as given.</param>
    /// <param name="resourceType">The type it must have, such as <c>dp</c>.</param>
    /// <param name="number">The number.</param>
    /// <param name="error">Why it is no such id, in Restate's words.</param>
    public static bool TryRead(string text, string resourceType, out UInt128 number, [NotNullWhen(false)] out string? error)
    {
        number = default;
        if (!TryUnwrap(text, resourceType, Base62.Width128, out ReadOnlySpan<char> fields, out error))
            return false;
        error = Base62.TryRead(fields, out number) ? null : BadDigits;
        return error is null;
    }

    /// <summary>Reads an id whose fields are a partition key and a number of 128 bits.</summary>
    /// <param name="text">The id as given.</param>
    /// <param name="resourceType">The type it must have, such as <c>inv</c>.</param>
    /// <param name="partitionKey">The partition key.</param>
    /// <param name="number">The number.</param>
    /// <param name="error">Why it is no such id, in Restate's words.</param>
    public static bool TryRead(
        string text, string resourceType, out ulong partitionKey, out UInt128 number, [NotNullWhen(false)] out string? error)
    {
        partitionKey = default;
        number = default;
        if (!TryUnwrap(text, resourceType, Base62.Width64 + Base62.Width128, out ReadOnlySpan<char> fields, out error))
            return false;
        error = Base62.TryRead(fields[..Base62.Width64], out partitionKey) && Base62.TryRead(fields[Base62.Width64..], out number) ? null : BadDigits;
        return error is null;
    }

    /// <summary>Writes the frame and returns the characters left for the fields.</summary>
    public static Span<char> WriteFrame(Span<char> destination, string resourceType)
    {
        resourceType.CopyTo(destination);
        destination[resourceType.Length] = '_';
        destination[resourceType.Length + 1] = CodecVersion;
        return destination[(resourceType.Length + 2)..];
    }

    /// <summary>Checks the frame of an id and finds its fields.</summary>
    /// <param name="text">The id as given.</param>
    /// <param name="resourceType">The type it must have, such as <c>inv</c>.</param>
    /// <param name="width">Number of characters its fields must have together.</param>
    /// <param name="fields">The characters after the codec version.</param>
    /// <param name="error">Why it is no such id, in Restate's words.</param>
    private static bool TryUnwrap(
        string text, string resourceType, int width, out ReadOnlySpan<char> fields, [NotNullWhen(false)] out string? error)
    {
        fields = default;
        int separator = text.IndexOf('_', StringComparison.Ordinal);
        error = separator < 0 ? "bad format" : null;
        if (error is not null)
            return false;

        string type = text[..separator];
        ReadOnlySpan<char> rest = text.AsSpan(separator + 1);
        if (type != resourceType)
            error = KnownTypes.Contains(type) ? "id doesn't match the expected type" : $"unrecognized resource type: {type}";
        else if (rest.IsEmpty)
            error = "bad length";
        else if (rest[0] != CodecVersion)
            error = "unrecognized codec version";
        else if (rest.Length != width + 1)
            error = "bad length";
        else
            fields = rest[1..];
        return error is null;
    }
}
