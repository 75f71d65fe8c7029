using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Restate.Storage.Types;

/// <summary>Id of a deployment: a ULID, 48 bits of milliseconds since 1970 before 80 random bits.</summary>
/// <param name="Value">The ULID as a number.</param>
/// <remarks>In text as Restate's: <c>dp_1</c> and 22 characters.</remarks>
public readonly record struct DeploymentId(UInt128 Value) : IComparable<DeploymentId>
{
    private const string ResourceType = "dp";
    private const int RandomBits = 80;

    /// <summary>When the id was made, to the millisecond.</summary>
    public DateTimeOffset Timestamp => DateTimeOffset.FromUnixTimeMilliseconds((long)(ulong)(Value >> RandomBits));

    /// <summary>A new id. Ids made in different milliseconds sort by time.</summary>
    public static DeploymentId New(TimeProvider time)
    {
        Span<byte> random = stackalloc byte[RandomBits / 8];
        RandomNumberGenerator.Fill(random);
        UInt128 value = (ulong)time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (byte b in random)
            value = value << 8 | b;
        return new DeploymentId(value);
    }

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is no deployment id; the message says why.</exception>
    public static DeploymentId Parse(string text) =>
        TryParse(text, out DeploymentId id, out string? error) ? id : throw new FormatException($"deployment id '{text}': {error}");

    /// <summary>Reads an id, or says in Restate's words why the text is none, such as <c>unrecognized codec version</c>.</summary>
    public static bool TryParse(string text, out DeploymentId id, [NotNullWhen(false)] out string? error)
    {
        bool isId = IdText.TryRead(text, ResourceType, out UInt128 value, out error);
        id = isId ? new DeploymentId(value) : default;
        return isId;
    }

    /// <inheritdoc/>
    public int CompareTo(DeploymentId other) => Value.CompareTo(other.Value);

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(ResourceType.Length + 2 + Base62.Width128, this, static (text, id) =>
            Base62.Write(id.Value, IdText.WriteFrame(text, ResourceType)));
}
