using System.Diagnostics.CodeAnalysis;

namespace Restate.Storage.Types;

/// <summary>Id of a subscription: a number of 128 bits.</summary>
/// <param name="Value">The number.</param>
/// <remarks>In text as Restate's: <c>sub_1</c> and 22 characters.</remarks>
public readonly record struct SubscriptionId(UInt128 Value)
{
    private const string ResourceType = "sub";

    /// <summary>Reads an id, or says in Restate's words why the text is none, such as <c>bad length</c>.</summary>
    public static bool TryParse(string text, out SubscriptionId id, [NotNullWhen(false)] out string? error)
    {
        bool isId = IdText.TryRead(text, ResourceType, out UInt128 value, out error);
        id = isId ? new SubscriptionId(value) : default;
        return isId;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(ResourceType.Length + 2 + Base62.Width128, this, static (text, id) =>
            Base62.Write(id.Value, IdText.WriteFrame(text, ResourceType)));
}
