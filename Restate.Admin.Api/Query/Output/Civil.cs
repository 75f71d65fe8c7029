using System.Buffers.Text;
using System.Globalization;

namespace Restate.Admin.Api.Query.Output;

/// <summary>Writes dates, times and intervals as the peer prints them.</summary>
internal static class Civil
{
    /// <summary>Most bytes any of these takes.</summary>
    internal const int MaxBytes = 64;

    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long SecondsPerDay = 86_400;

    /// <summary>A day as <c>2026-01-02</c>.</summary>
    /// <param name="days">Days since 1970-01-01.</param>
    /// <param name="target">At least <see cref="MaxBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    internal static int Date(long days, Span<byte> target)
    {
        (long year, int month, int day) = FromDays(days);
        int length = 0;
        if (year is < 0 or > 9999)
        {
            target[length++] = year < 0 ? (byte)'-' : (byte)'+';
            year = Math.Abs(year);
        }

        length += Digits(year, 4, target[length..]);
        target[length++] = (byte)'-';
        length += Digits(month, 2, target[length..]);
        target[length++] = (byte)'-';
        return length + Digits(day, 2, target[length..]);
    }

    /// <summary>A time of day as <c>03:04:05.678</c>; no fraction when it is zero.</summary>
    /// <param name="seconds">Seconds since midnight.</param>
    /// <param name="nanoseconds">Fraction of the second.</param>
    /// <param name="fractionDigits">3, 6 or 9.</param>
    /// <param name="target">At least <see cref="MaxBytes"/>.</param>
    internal static int Time(long seconds, long nanoseconds, int fractionDigits, Span<byte> target)
    {
        int length = Digits(seconds / 3600, 2, target);
        target[length++] = (byte)':';
        length += Digits(seconds / 60 % 60, 2, target[length..]);
        target[length++] = (byte)':';
        length += Digits(seconds % 60, 2, target[length..]);
        for (int drop = 9; drop > fractionDigits; drop--)
            nanoseconds /= 10;
        if (nanoseconds == 0)
            return length;
        target[length++] = (byte)'.';
        return length + Digits(nanoseconds, fractionDigits, target[length..]);
    }

    /// <summary>A moment as <c>2026-01-02T03:04:05.678</c>.</summary>
    /// <param name="value">Since 1970-01-01 00:00.</param>
    /// <param name="perSecond">Units of <paramref name="value"/> in a second.</param>
    /// <param name="fractionDigits">3, 6 or 9 at most; zeros are left out in threes.</param>
    /// <param name="target">At least <see cref="MaxBytes"/>.</param>
    internal static int Timestamp(long value, long perSecond, int fractionDigits, Span<byte> target)
    {
        (long seconds, long fraction) = FloorDivide(value, perSecond);
        (long days, long ofDay) = FloorDivide(seconds, SecondsPerDay);
        int length = Date(days, target);
        target[length++] = (byte)'T';
        long nanoseconds = fraction * (NanosecondsPerSecond / perSecond);
        int digits = nanoseconds % 1_000_000 == 0 ? 3 : nanoseconds % 1000 == 0 ? 6 : 9;
        return length + Time(ofDay, nanoseconds, Math.Min(digits, fractionDigits), target[length..]);
    }

    /// <summary>An interval as <c>1 mons 2 days 3 hours 4.500000000 secs</c>; parts that are zero are left out.</summary>
    internal static string Interval(int months, int days, long microseconds)
    {
        var parts = new List<string>();
        Add(parts, months, "mons");
        Add(parts, days, "days");
        Add(parts, microseconds / 3_600_000_000, "hours");
        Add(parts, microseconds / 60_000_000 % 60, "mins");
        long rest = microseconds % 60_000_000;
        if (rest != 0 || parts.Count == 0)
        {
            string sign = rest < 0 ? "-" : "";
            rest = Math.Abs(rest);
            parts.Add(rest == 0
                ? "0 secs"
                : string.Create(CultureInfo.InvariantCulture, $"{sign}{rest / 1_000_000}.{rest % 1_000_000 * 1000:D9} secs"));
        }

        return string.Join(' ', parts);
    }

    /// <summary>A span as ISO 8601 has it, in seconds alone: <c>PT86400S</c>, <c>-PT1.5S</c>, <c>P0D</c> for none.</summary>
    internal static string Duration(long milliseconds)
    {
        if (milliseconds == 0)
            return "P0D";
        string sign = milliseconds < 0 ? "-" : "";
        (long seconds, long rest) = Math.DivRem(milliseconds, 1000);
        string fraction = rest == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $".{Math.Abs(rest):D3}").TrimEnd('0');
        return string.Create(CultureInfo.InvariantCulture, $"{sign}PT{Math.Abs(seconds)}{fraction}S");
    }

    /// <summary>Quotient rounded down, and the remainder, which is not negative.</summary>
    internal static (long Quotient, long Remainder) FloorDivide(long value, long divisor)
    {
        (long quotient, long remainder) = Math.DivRem(value, divisor);
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder);
    }

    private static void Add(List<string> parts, long value, string unit)
    {
        if (value != 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{value} {unit}"));
    }

    /// <summary>
    /// Day number to date in the proleptic Gregorian calendar, by counting in 400-year eras of years that start in March
    /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days). DateTime ends at the year 9999; SQL does not.
    /// </summary>
    private static (long Year, int Month, int Day) FromDays(long days)
    {
        (long era, long dayOfEra) = FloorDivide(days + 719_468, 146_097);
        long yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36_524) - (dayOfEra / 146_096)) / 365;
        long dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        long shifted = ((5 * dayOfYear) + 2) / 153;
        int day = (int)(dayOfYear - (((153 * shifted) + 2) / 5) + 1);
        int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, day);
    }

    private static int Digits(long value, int width, Span<byte> target)
    {
        Utf8Formatter.TryFormat(value, target, out int written, new System.Buffers.StandardFormat('D', (byte)width));
        return written;
    }
}
