using System.Globalization;
using System.Text;

namespace Restate.Storage.Configuration;

/// <summary>Durations as people write them in Restate's configuration.</summary>
/// <remarks>
/// Two forms. Friendly: <c>5s</c>, <c>1m 30s</c>, <c>1h, 30m</c>, <c>500ms</c>, <c>2 days</c>, <c>1.5h</c>, <c>1:30:00</c>: units from
/// weeks down to nanoseconds in falling order, a fraction only in the last one and not for days or weeks. ISO 8601: <c>PT5S</c>,
/// <c>P1DT2H</c>. No negative durations, months or years. The resolution is 100 ns; what is finer is dropped.
/// </remarks>
public static class DurationText
{
    /// <summary>What <see cref="Parse"/> accepts, in words, for error messages.</summary>
    public const string Grammar = "a human-friendly duration string such as \"5s\", \"1m 30s\" or \"PT5S\"";

    private const int LongestText = 128;

    private static readonly Unit[] Units =
    [
        new(TimeSpan.TicksPerDay * 7, 'W', false, ["w", "wk", "wks", "week", "weeks"]),
        new(TimeSpan.TicksPerDay, 'D', false, ["d", "day", "days"]),
        new(TimeSpan.TicksPerHour, 'H', true, ["h", "hr", "hrs", "hour", "hours"]),
        new(TimeSpan.TicksPerMinute, 'M', true, ["m", "min", "mins", "minute", "minutes"]),
        new(TimeSpan.TicksPerSecond, 'S', true, ["s", "sec", "secs", "second", "seconds"]),
        new(TimeSpan.TicksPerMillisecond, null, true, ["ms", "msec", "msecs", "milli", "millis", "millisecond", "milliseconds"]),
        new(TimeSpan.TicksPerMicrosecond, null, true, ["us", "µs", "μs", "usec", "usecs", "micro", "micros", "microsecond", "microseconds"]),
        new(0.01m, null, false, ["ns", "nsec", "nsecs", "nano", "nanos", "nanosecond", "nanoseconds"]),
    ];

    private static readonly int Hours = Array.FindIndex(Units, unit => unit.IsoLetter == 'H');

    /// <summary>Reads a duration.</summary>
    /// <param name="text">Text in one of the two forms of this type.</param>
    /// <exception cref="FormatException">The text is in neither form, or is past 10,675,199 days; the message holds the text and what is allowed.</exception>
    public static TimeSpan Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out TimeSpan duration)
            ? duration
            : throw new FormatException($"invalid duration \"{text}\", expected {Grammar}");
    }

    /// <summary>Reads a duration; false when the text is in neither form of this type.</summary>
    /// <param name="text">Text of at most 128 characters.</param>
    /// <param name="duration">The duration, or zero.</param>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (text is null || text.Length > LongestText)
            return false;
        ReadOnlySpan<char> rest = text.AsSpan().Trim(" \t");
        if (rest.StartsWith("+"))
            rest = rest[1..];
        bool iso = rest.StartsWith("P", StringComparison.OrdinalIgnoreCase);
        if (!(iso ? TryParseIso(rest[1..], out decimal ticks) : TryParseFriendly(rest, out ticks)) || ticks > TimeSpan.MaxValue.Ticks)
            return false;
        duration = new TimeSpan((long)ticks);
        return true;
    }

    /// <summary>The duration in the friendly form, as Restate prints it: <c>1m 30s</c>, <c>1d 12h</c>, <c>0s</c>.</summary>
    /// <param name="duration">Not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    public static string Format(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        if (duration == TimeSpan.Zero)
            return "0s";
        var text = new StringBuilder();
        Append(text, duration.Days, "d");
        Append(text, duration.Hours, "h");
        Append(text, duration.Minutes, "m");
        Append(text, duration.Seconds, "s");
        Append(text, duration.Milliseconds, "ms");
        Append(text, duration.Microseconds, "µs");
        Append(text, duration.Nanoseconds, "ns");
        return text.ToString();
    }

    private static void Append(StringBuilder text, int count, string unit)
    {
        if (count == 0)
            return;
        text.Append(text.Length == 0 ? string.Empty : " ").Append(CultureInfo.InvariantCulture, $"{count}{unit}");
    }

    private static bool TryParseFriendly(ReadOnlySpan<char> rest, out decimal ticks)
    {
        ticks = 0;
        bool last = false;
        for (int next = 0; ;)
        {
            if (last || !TryReadNumber(ref rest, out decimal number, out bool fractional))
                return false;
            if (rest.StartsWith(":"))
                return !fractional && next <= Hours && TryReadClock(number, rest, ref ticks);

            rest = rest.TrimStart(" \t");
            int end = rest.IndexOfAny(" \t,0123456789.+-:");
            string name = (end < 0 ? rest : rest[..end]).ToString();
            int index = Array.FindIndex(Units, next, unit => unit.Names.Contains(name));
            if (index < 0 || (fractional && !Units[index].Fraction))
                return false;
            ticks += number * Units[index].Ticks;
            next = index + 1;
            last = fractional;
            if (end < 0)
                return true;

            rest = rest[end..];
            if (rest[0] == ',' && (rest.Length == 1 || rest[1] is not (' ' or '\t')))
                return false;
            rest = rest.TrimStart(',').TrimStart(" \t");
        }
    }

    // hours:minutes:seconds, with the hours already read and the colon next.
    private static bool TryReadClock(decimal hours, ReadOnlySpan<char> rest, ref decimal ticks)
    {
        rest = rest[1..];
        if (!TryReadNumber(ref rest, out decimal minutes, out bool fractional) || fractional || !rest.StartsWith(":"))
            return false;
        rest = rest[1..];
        if (!TryReadNumber(ref rest, out decimal seconds, out _) || !rest.IsEmpty || minutes >= 60 || seconds >= 60)
            return false;
        ticks += hours * TimeSpan.TicksPerHour + minutes * TimeSpan.TicksPerMinute + seconds * TimeSpan.TicksPerSecond;
        return true;
    }

    private static bool TryParseIso(ReadOnlySpan<char> rest, out decimal ticks)
    {
        ticks = 0;
        bool time = false;
        bool last = rest.IsEmpty;
        for (int next = 0; ;)
        {
            if (!time && rest.StartsWith("T", StringComparison.OrdinalIgnoreCase))
            {
                time = true;
                rest = rest[1..];
            }

            if (last || !TryReadNumber(ref rest, out decimal number, out bool fractional) || rest.IsEmpty)
                return false;
            char letter = char.ToUpperInvariant(rest[0]);
            int index = Array.FindIndex(Units, next, unit => unit.IsoLetter == letter);
            if (index < 0 || time != (index >= Hours) || (fractional && !Units[index].Fraction))
                return false;
            ticks += number * Units[index].Ticks;
            next = index + 1;
            last = fractional;
            rest = rest[1..];
            if (rest.IsEmpty)
                return true;
        }
    }

    // A whole number of up to 15 digits and a fraction of up to 9, so that the sum of all units stays far inside a decimal.
    private static bool TryReadNumber(ref ReadOnlySpan<char> rest, out decimal number, out bool fractional)
    {
        number = 0;
        int whole = DigitsAt(rest, 0);
        fractional = whole < rest.Length && rest[whole] == '.';
        int fraction = fractional ? DigitsAt(rest, whole + 1) : 0;
        if (whole is 0 or > 15 || (fractional && fraction is 0 or > 9))
            return false;
        int length = fractional ? whole + 1 + fraction : whole;
        number = decimal.Parse(rest[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture);
        rest = rest[length..];
        return true;
    }

    private static int DigitsAt(ReadOnlySpan<char> text, int start)
    {
        int end = text[start..].IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length - start : end;
    }

    /// <summary>A unit of time.</summary>
    /// <param name="Ticks">Length in ticks of 100 ns.</param>
    /// <param name="IsoLetter">Its letter in ISO 8601, if it has one.</param>
    /// <param name="Fraction">Whether its number may have a fraction.</param>
    /// <param name="Names">Its names in the friendly form, case-sensitive.</param>
    private sealed record Unit(decimal Ticks, char? IsoLetter, bool Fraction, string[] Names);
}
