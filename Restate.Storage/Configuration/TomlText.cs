using System.Globalization;
using System.Text;

namespace Restate.Storage.Configuration;

/// <summary>One line of TOML.</summary>
/// <param name="Key">TOML path of kebab-case names.</param>
/// <param name="Value">The value as TOML.</param>
/// <param name="Comment">What follows it as a comment, if anything.</param>
internal sealed record TomlEntry(string Key, string Value, string? Comment);

/// <summary>Writes TOML.</summary>
internal static class TomlText
{
    /// <summary>A document: keys without a table first, then each table once.</summary>
    public static string Write(IEnumerable<TomlEntry> entries)
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, TomlEntry> table in entries.GroupBy(entry => TableOf(entry.Key)).OrderBy(table => table.Key.Length > 0))
        {
            if (table.Key.Length > 0)
                text.Append(text.Length > 0 ? "\n" : string.Empty).Append(CultureInfo.InvariantCulture, $"[{table.Key}]\n");
            foreach (TomlEntry entry in table)
            {
                text.Append(CultureInfo.InvariantCulture, $"{entry.Key[(entry.Key.LastIndexOf('.') + 1)..]} = {entry.Value}");
                text.Append(entry.Comment is null ? string.Empty : " # " + entry.Comment).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>A raw value as TOML.</summary>
    public static string Literal(RawValue raw) => raw.Value switch
    {
        bool flag => flag ? "true" : "false",
        long integer => integer.ToString(CultureInfo.InvariantCulture),
        double number => Float(number),
        ulong large => Quote(large.ToString(CultureInfo.InvariantCulture)), // TOML integers end at 2^63 − 1; sizes are read from text too.
        string text => Quote(text),
        _ => throw new ArgumentException($"{raw.Describe()} is no value of an option", nameof(raw)),
    };

    /// <summary>A float; TOML wants a point or an exponent in it.</summary>
    public static string Float(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    /// <summary>A basic string.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (char character in value)
        {
            if (char.IsControl(character))
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            else
                text.Append(character is '"' or '\\' ? "\\" : string.Empty).Append(character);
        }

        return text.Append('"').ToString();
    }

    private static string TableOf(string key) => key.LastIndexOf('.') is > 0 and int dot ? key[..dot] : string.Empty;
}
