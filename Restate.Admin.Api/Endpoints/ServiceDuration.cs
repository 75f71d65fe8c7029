using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Durations as text: written as <c>1d 12h</c>, read in that form with long unit names too, or as ISO 8601.</summary>
internal static partial class ServiceDuration
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>The duration in compact text, to the millisecond; zero is <c>0s</c>.</summary>
    public static string Format(TimeSpan value)
    {
        var text = new StringBuilder();
        long rest = value.Ticks;
        foreach ((string unit, long ticks) in Units)
        {
            (long count, rest) = Math.DivRem(rest, ticks);
            if (count != 0)
                text.Append(CultureInfo.InvariantCulture, $"{(text.Length == 0 ? "" : " ")}{count}{unit}");
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    /// <summary>Reads a duration of zero or more; false with a reason that names what is allowed.</summary>
    public static bool TryParse(string text, out TimeSpan value, [NotNullWhen(false)] out string? error)
    {
        error = null;
        value = TimeSpan.Zero;
        try
        {
            string trimmed = text.Trim();
            if (trimmed.StartsWith('P'))
                value = XmlConvert.ToTimeSpan(trimmed);
            else if (Friendly().Match(trimmed) is { Success: true } match)
                value = Sum(match);
            else
                error = NotADuration(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            error = NotADuration(text);
        }

        if (error is null && value < TimeSpan.Zero)
            error = $"the duration '{text}' is negative";
        return error is null;
    }

    private static string NotADuration(string text) =>
        $"'{text}' is not a duration; allowed are units such as '90s', '1h 30m', '2 days', or ISO 8601 such as 'PT1H'";

    private static TimeSpan Sum(Match match)
    {
        decimal ticks = 0;
        CaptureCollection units = match.Groups["unit"].Captures;
        CaptureCollection counts = match.Groups["count"].Captures;
        for (int i = 0; i < units.Count; i++)
            ticks += decimal.Parse(counts[i].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * TicksOf(units[i].Value);
        return TimeSpan.FromTicks(checked((long)ticks));
    }

    private static long TicksOf(string unit) => unit switch
    {
        "ms" or "msec" or "msecs" or "millis" or "milli" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
        "s" or "sec" or "secs" or "second" or "seconds" => TimeSpan.TicksPerSecond,
        "m" or "min" or "mins" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
        "h" or "hr" or "hrs" or "hour" or "hours" => TimeSpan.TicksPerHour,
        "d" or "day" or "days" => TimeSpan.TicksPerDay,
        "w" or "wk" or "week" or "weeks" => TimeSpan.TicksPerDay * 7,
        _ => throw new FormatException($"unknown unit '{unit}'"),
    };

    [GeneratedRegex(@"^(?:(?<count>\d{1,15}(?:\.\d{1,9})?)\s*(?<unit>[a-z]+)(?:\s*,\s*|\s*))+$")]
    private static partial Regex Friendly();
}
