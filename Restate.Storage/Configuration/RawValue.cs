using System.Globalization;
using System.Text;
using Restate.Storage.Types;

namespace Restate.Storage.Configuration;

/// <summary>A value as one layer holds it, before the option gives it a meaning.</summary>
/// <param name="Value"><see cref="string"/>, <see cref="long"/>, <see cref="ulong"/>, <see cref="double"/>, <see cref="bool"/>, or a <see cref="RawShape"/>.</param>
/// <param name="Origin">Where it was found, for messages: <c>restate.toml TOML file, line 3</c>; null where the reader of the message knows.</param>
/// <param name="Text">The characters it was read from, where the layer has only text.</param>
internal sealed record RawValue(object Value, string? Origin, string? Text = null)
{
    private const int LongestShown = 120;

    /// <summary>A value from an environment variable or a flag, which have no types: what looks like an integer, a float or a boolean is one.</summary>
    public static RawValue FromText(string text, string origin)
    {
        string trimmed = text.Trim();
        object value = trimmed switch
        {
            "true" => true,
            "false" => false,
            _ when long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) => integer,
            _ when ulong.TryParse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture, out ulong large) => large,
            _ when LooksLikeFloat(trimmed, out double number) => number,
            _ => trimmed,
        };
        return new RawValue(value, origin, trimmed);
    }

    /// <summary>A value that another part of the program gives.</summary>
    /// <exception cref="ConfigurationException">No option has values of this type.</exception>
    public static RawValue FromObject(string key, object value) => value switch
    {
        string or long or ulong or double or bool => new RawValue(value, null),
        int integer => new RawValue((long)integer, null),
        float number => new RawValue((double)number, null),
        ByteSize size => new RawValue(size.Bytes, null),
        TimeSpan duration when duration >= TimeSpan.Zero => new RawValue(DurationText.Format(duration), null),
        _ => throw new ConfigurationException($"invalid type: found {value.GetType().Name}, expected a string, number or boolean for key \"{key}\""),
    };

    /// <summary>The integer, if it is one.</summary>
    public Int128? Integer => Value switch
    {
        long integer => integer,
        ulong integer => integer,
        _ => null,
    };

    /// <summary>The text, if it is one; from a layer that has only text, any value.</summary>
    public string? String => Value as string ?? Text;

    /// <summary>Type and value on one line: <c>string "abc"</c>, <c>integer `-5`</c>, <c>array</c>.</summary>
    public string Describe() => Value switch
    {
        string text => $"string {Quote(text)}",
        bool flag => $"boolean `{(flag ? "true" : "false")}`",
        double number => string.Create(CultureInfo.InvariantCulture, $"float `{Text ?? number.ToString("R", CultureInfo.InvariantCulture)}`"),
        RawShape shape => shape.Name,
        _ => string.Create(CultureInfo.InvariantCulture, $"integer `{Value}`"),
    };

    /// <summary>The text in quotes, on one line and of bounded length.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (Rune rune in (text.Length > LongestShown ? text[..LongestShown] + "…" : text).EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029)
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else
                quoted.Append(rune.Value is '"' or '\\' ? "\\" : string.Empty).Append(rune);
        }

        return quoted.Append('"').ToString();
    }

    private static bool LooksLikeFloat(string text, out double number)
    {
        number = 0;
        return text.AsSpan().ContainsAnyInRange('0', '9')
            && double.TryParse(
                text,
                NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
                CultureInfo.InvariantCulture,
                out number);
    }
}

/// <summary>A TOML value of a type that no option has.</summary>
/// <param name="Name">The type for messages: <c>array</c>, <c>table</c>, <c>date</c>.</param>
internal sealed record RawShape(string Name);
