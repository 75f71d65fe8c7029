namespace Restate.Storage.Configuration;

/// <summary>What became of a raw value.</summary>
/// <param name="Value">The value to use; null when there is a problem.</param>
/// <param name="Problem">Why the value cannot be used and what is expected instead, without the key.</param>
/// <param name="Clamped">Why another value is used than the one given; then <paramref name="Value"/> is that other one.</param>
internal readonly record struct Reading(object? Value, string? Problem, string? Clamped)
{
    public static Reading Of(object value) => new(value, null, null);

    public static Reading WrongType(RawValue raw, string expected) => new(null, $"invalid type: found {raw.Describe()}, expected {expected}", null);

    public static Reading WrongValue(RawValue raw, string expected) => new(null, $"invalid value {raw.Describe()}, expected {expected}", null);

    /// <summary>A value outside its range: an error for a strict reader, else replaced by the nearest allowed one.</summary>
    public static Reading OutOfRange(RawValue raw, string expected, object nearest, string nearestText) =>
        new(nearest, $"invalid value {raw.Describe()}, expected {expected}", $"is outside what is allowed ({expected}); {nearestText} is used");
}

/// <summary>How values of one type and range are read and written.</summary>
internal abstract class OptionKind
{
    /// <summary>What its values are, in a word, and which of them are allowed: for the documentation.</summary>
    public abstract string Allowed { get; }

    /// <summary>Reads a value. A <see cref="Reading"/> with both a problem and a replacement is out of range: the caller decides.</summary>
    /// <param name="raw">The value as a layer holds it.</param>
    /// <param name="processLimit">Memory limit of the process in bytes, for percentages; called only when one is read.</param>
    public abstract Reading Read(RawValue raw, Func<ulong> processLimit);

    /// <summary>The value as TOML text that reads back to the same value.</summary>
    public abstract string ToToml(object value);
}
