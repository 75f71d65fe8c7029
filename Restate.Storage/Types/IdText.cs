using System.Diagnostics.CodeAnalysis;

namespace Restate.Storage.Types;

/// <summary>The frame that all ids share in text: a resource type, <c>_</c>, the codec version <c>1</c>, then base62 fields.</summary>
internal static class IdText
{
    /// <summary>What is said of a field that is no base62 number.</summary>
    public const string BadDigits = "base62 decode error";

    private const char CodecVersion = '1';

    /// <summary>Resource types that ids of Restate carry, ours or not.</summary>
    private static readonly string[] KnownTypes = ["inv", "dp", "prt", "sub", "snap", "sign", "prom", "awk"];

    /// <summary>Checks the frame of an id and finds its fields.</summary>
    /// <param name="text">The id as given.</param>
    /// <param name="resourceType">The type it must have, such as <c>inv</c>.</param>
    /// <param name="width">Number of characters its fields must have together.</param>
    /// <param name="fields">The characters after the codec version.</param>
    /// <param name="error">Why it is no such id, in Restate's words.</param>
    public static bool TryUnwrap(
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

    /// <summary>Writes the frame and returns the characters left for the fields.</summary>
    public static Span<char> WriteFrame(Span<char> destination, string resourceType)
    {
        resourceType.CopyTo(destination);
        destination[resourceType.Length] = '_';
        destination[resourceType.Length + 1] = CodecVersion;
        return destination[(resourceType.Length + 2)..];
    }
}
