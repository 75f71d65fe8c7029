using System.Globalization;
using Restate.Storage.Types;

namespace Restate.Storage.Configuration;

/// <summary>Sizes in bytes.</summary>
/// <param name="minimum">Least size; 0 allows zero.</param>
/// <param name="clamped">True: a size below the minimum, but not zero, is raised to it.</param>
/// <param name="percentage">True: a percentage of the process limit is allowed.</param>
internal sealed class SizeKind(ByteSize minimum, bool clamped, bool percentage) : OptionKind
{
    private readonly string _expected = ByteSize.Grammar + (percentage ? ", or a percentage of the process memory limit such as \"40%\"" : string.Empty);

    public override string Allowed => $"size{(percentage ? " or percentage of the process limit" : string.Empty)}{Least}";

    private string Least => minimum.Bytes switch
    {
        0 => ", 0 for none",
        1 => ", above 0",
        _ => $", at least {minimum}{(clamped ? "; a smaller one is raised to it" : string.Empty)}",
    };

    public override Reading Read(RawValue raw, Func<ulong> processLimit)
    {
        ByteSize size;
        switch (raw.Value)
        {
            case long or ulong when raw.Integer >= 0:
                size = new ByteSize((ulong)raw.Integer.Value);
                break;
            case long:
                return Reading.WrongValue(raw, "an integer number of bytes that is not negative");
            case string text when percentage && text.TrimEnd(" \t").EndsWith('%'):
                if (!TryReadPercentage(text, processLimit, out size))
                    return Reading.WrongValue(raw, "a percentage above 0% and up to 100% of the process memory limit");
                break;
            case string text:
                if (!ByteSize.TryParse(text, out size))
                    return Reading.WrongValue(raw, _expected);
                break;
            default:
                return Reading.WrongType(raw, $"an integer or string: {_expected}");
        }

        if (size.Bytes == 0 && minimum.Bytes > 0)
            return Reading.WrongValue(raw, "non-zero value: " + _expected);
        if (size.CompareTo(minimum) >= 0)
            return Reading.Of(size);
        string expected = $"at least {minimum}";
        return clamped ? Reading.OutOfRange(raw, expected, minimum, minimum.ToString()) : Reading.WrongValue(raw, expected);
    }

    public override string ToToml(object value) => TomlText.Quote(((ByteSize)value).ToExactString());

    private static bool TryReadPercentage(string text, Func<ulong> processLimit, out ByteSize size)
    {
        size = default;
        string number = text.Trim().TrimEnd('%').TrimEnd();
        if (number.Length is 0 or > 12
            || text.AsSpan().Count('%') != 1
            || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal percent)
            || percent is <= 0 or > 100)
            return false;
        size = new ByteSize((ulong)(processLimit() * percent / 100));
        return true;
    }
}

/// <summary>Single-precision numbers, clamped into their range.</summary>
internal sealed class RatioKind(float minimum, float maximum) : OptionKind
{
    private readonly string _expected = string.Create(CultureInfo.InvariantCulture, $"a number from {minimum} to {maximum}");

    public override string Allowed => string.Create(CultureInfo.InvariantCulture, $"number, {minimum} to {maximum}; outside, the nearest of them is used");

    public override Reading Read(RawValue raw, Func<ulong> processLimit)
    {
        double number;
        if (raw.Integer is { } integer)
            number = (double)integer;
        else if (raw.Value is double given)
            number = given;
        else
            return Reading.WrongType(raw, $"f32: {_expected}");

        if (!double.IsFinite(number))
            return Reading.WrongValue(raw, _expected);
        float ratio = (float)number;
        if (ratio >= minimum && ratio <= maximum)
            return Reading.Of(ratio);
        float nearest = Math.Clamp(ratio, minimum, maximum);
        return Reading.OutOfRange(raw, _expected, nearest, nearest.ToString(CultureInfo.InvariantCulture));
    }

    public override string ToToml(object value)
    {
        float ratio = (float)value;
        string text = ratio.ToString("R", CultureInfo.InvariantCulture);
        double shortest = double.Parse(text, CultureInfo.InvariantCulture);
        return TomlText.Float((float)shortest == ratio ? shortest : ratio);
    }
}

/// <summary>Whole numbers.</summary>
internal sealed class IntegerKind(int minimum, int maximum) : OptionKind
{
    private readonly string _expected = string.Create(CultureInfo.InvariantCulture, $"an integer from {minimum} to {maximum}");

    public override string Allowed => string.Create(CultureInfo.InvariantCulture, $"integer, {minimum} to {maximum}");

    public override Reading Read(RawValue raw, Func<ulong> processLimit)
    {
        if (raw.Integer is not { } integer)
            return Reading.WrongType(raw, _expected);
        return integer >= minimum && integer <= maximum ? Reading.Of((int)integer) : Reading.WrongValue(raw, _expected);
    }

    public override string ToToml(object value) => ((int)value).ToString(CultureInfo.InvariantCulture);
}

/// <summary>Durations.</summary>
/// <param name="minimum">Least duration.</param>
/// <param name="maximum">Greatest duration.</param>
/// <param name="clamped">True: a duration out of range is moved to the nearest end.</param>
internal sealed class DurationKind(TimeSpan minimum, TimeSpan maximum, bool clamped) : OptionKind
{
    public override string Allowed =>
        $"duration, {DurationText.Format(minimum)} to {DurationText.Format(maximum)}{(clamped ? "; outside, the nearest of them is used" : string.Empty)}";

    public override Reading Read(RawValue raw, Func<ulong> processLimit)
    {
        if (raw.Value is not string text)
            return Reading.WrongType(raw, DurationText.Grammar);
        if (!DurationText.TryParse(text, out TimeSpan duration))
            return Reading.WrongValue(raw, DurationText.Grammar);
        if (duration >= minimum && duration <= maximum)
            return Reading.Of(duration);
        string expected = $"a duration from {DurationText.Format(minimum)} to {DurationText.Format(maximum)}";
        TimeSpan nearest = duration < minimum ? minimum : maximum;
        return clamped ? Reading.OutOfRange(raw, expected, nearest, DurationText.Format(nearest)) : Reading.WrongValue(raw, expected);
    }

    public override string ToToml(object value) => TomlText.Quote(DurationText.Format((TimeSpan)value));
}
