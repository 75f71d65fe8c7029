using System.Globalization;

namespace Restate.Admin.Api.Query.Output;

/// <summary>Floats as the peer prints them: shortest digits that read back alike, always with a point, exponents like <c>1.0e-7</c>.</summary>
internal static class FloatText
{
    /// <summary>Exponents from which on, up and down, numbers are printed with one.</summary>
    private const int LargestPlainExponent = 16;
    private const int SmallestPlainExponent = -5;

    internal static string Format(double value, bool isSingle)
    {
        // "E16" and the like round; "R" gives the shortest digits, from which any layout can be made.
        string shortest = isSingle
            ? ((float)value).ToString("R", CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture);
        bool isNegative = shortest[0] == '-';
        ReadOnlySpan<char> text = shortest.AsSpan(isNegative ? 1 : 0);
        int mark = text.IndexOf('E');
        int exponent = mark < 0 ? 0 : int.Parse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        ReadOnlySpan<char> mantissa = mark < 0 ? text : text[..mark];
        int point = mantissa.IndexOf('.');
        string all = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        int pointAt = (point < 0 ? mantissa.Length : point) + exponent;

        // Digits without zeros around them, and the exponent of the first.
        int zeros = all.Length - all.TrimStart('0').Length;
        string digits = all.Trim('0');
        string sign = isNegative ? "-" : "";
        if (digits.Length == 0)
            return sign + "0.0";
        int first = pointAt - zeros - 1;
        if (first is >= LargestPlainExponent or < SmallestPlainExponent)
        {
            string tail = digits.Length > 1 ? digits[1..] : "0";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}.{tail}e{first}");
        }

        if (first < 0)
            return sign + "0." + new string('0', -first - 1) + digits;
        if (digits.Length <= first + 1)
            return sign + digits.PadRight(first + 1, '0') + ".0";
        return $"{sign}{digits.AsSpan(0, first + 1)}.{digits.AsSpan(first + 1)}";
    }
}
