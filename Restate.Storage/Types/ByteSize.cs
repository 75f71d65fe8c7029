using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Restate.Storage.Types;

/// <summary>A number of bytes, read and printed in Restate's human-readable grammar.</summary>
/// <remarks>
/// Text is: optional blanks, a decimal number without sign or exponent (<c>1.5</c>, <c>.5</c>, <c>5.</c>), optional blanks, an optional
/// unit in any letter case. <c>K KB M MB G GB T TB P PB E EB</c> are powers of 1,000; <c>KiB MiB GiB TiB PiB EiB</c> powers of 1,024;
/// <c>B</c> or none is bytes. A fraction of a byte is dropped. With a unit a size past 2^64 − 1 saturates there; without one it is refused.
/// </remarks>
/// <param name="Bytes">0 or more.</param>
public readonly record struct ByteSize(ulong Bytes) : IComparable<ByteSize>
{
    /// <summary>What <see cref="Parse"/> accepts, in words, for error messages.</summary>
    public const string Grammar = "a human-readable byte count string such as \"512 MiB\", or an integer number of bytes";

    private const int LongestText = 64;

    private static readonly string[] BinaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Number of KiB as a size.</summary>
    public static ByteSize FromKiB(ulong count) => new(count << 10);

    /// <summary>Number of MiB as a size.</summary>
    public static ByteSize FromMiB(ulong count) => new(count << 20);

    /// <summary>Number of GiB as a size.</summary>
    public static ByteSize FromGiB(ulong count) => new(count << 30);

    /// <summary>Reads a size.</summary>
    /// <param name="text">Text in the grammar of this type.</param>
    /// <exception cref="FormatException">The text is not in the grammar; the message holds the text and what is allowed.</exception>
    public static ByteSize Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out ByteSize size) ? size : throw new FormatException($"invalid size \"{text}\", expected {Grammar}");
    }

    /// <summary>Reads a size; false when the text is not in the grammar of this type.</summary>
    /// <param name="text">Text in the grammar of this type, at most 64 characters.</param>
    /// <param name="size">The size, or 0 bytes.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out ByteSize size)
    {
        size = default;
        return text is not null && text.Length <= LongestText && TryParse(text.AsSpan().Trim(" \t"), out size);
    }

    /// <summary>The size as a signed count, saturated at <see cref="long.MaxValue"/>.</summary>
    public long ToInt64() => Bytes > long.MaxValue ? long.MaxValue : (long)Bytes;

    /// <inheritdoc/>
    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    /// <summary>For people, as Restate prints sizes: <c>100 B</c>, <c>2.0 GiB</c>. Rounded to one decimal.</summary>
    public override string ToString()
    {
        if (Bytes < 1024)
            return string.Create(CultureInfo.InvariantCulture, $"{Bytes} B");
        int unit = 0;
        double value = Bytes;
        for (; value >= 1024 && unit < BinaryUnits.Length - 1; unit++)
            value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{value:F1} {BinaryUnits[unit]}");
    }

    /// <summary>Text that <see cref="Parse"/> reads back to exactly this size: as <see cref="ToString"/> where that is exact, else bytes.</summary>
    public string ToExactString()
    {
        string text = ToString();
        return TryParse(text, out ByteSize size) && size == this
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"{Bytes} B");
    }

    private static bool TryParse(ReadOnlySpan<char> text, out ByteSize size)
    {
        size = default;
        int numberEnd = text.IndexOfAnyExcept("0123456789.");
        ReadOnlySpan<char> number = numberEnd < 0 ? text : text[..numberEnd];
        ReadOnlySpan<char> unit = numberEnd < 0 ? [] : text[numberEnd..].TrimStart(" \t");
        int point = number.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? number : number[..point];
        ReadOnlySpan<char> fraction = point < 0 ? [] : number[(point + 1)..];
        if (whole.Length + fraction.Length == 0 || fraction.Contains('.') || !TryGetFactor(unit, out ulong factor))
            return false;

        UInt128 bytes = SaturatingNumber(whole) * factor + FractionOf(fraction, factor);
        if (bytes > ulong.MaxValue && unit.IsEmpty)
            return false;
        size = new ByteSize((ulong)UInt128.Min(bytes, ulong.MaxValue));
        return true;
    }

    // Stops growing past 2^64, where every further digit leads to the same answer; the product with a factor (< 2^61) still fits 128 bits.
    private static UInt128 SaturatingNumber(ReadOnlySpan<char> digits)
    {
        UInt128 number = 0;
        foreach (char digit in digits)
        {
            number = number * 10 + (uint)(digit - '0');
            if (number > ulong.MaxValue)
                return (UInt128)1 << 64;
        }

        return number;
    }

    // floor(0.digits × factor), exact however many digits there are.
    private static UInt128 FractionOf(ReadOnlySpan<char> digits, ulong factor)
    {
        BigInteger scaled = 0;
        BigInteger scale = 1;
        foreach (char digit in digits)
        {
            scaled = scaled * 10 + (digit - '0');
            scale *= 10;
        }

        return (UInt128)(scaled * factor / scale);
    }

    private static bool TryGetFactor(ReadOnlySpan<char> unit, out ulong factor)
    {
        factor = 1;
        if (unit.IsEmpty || unit.Equals("B", StringComparison.OrdinalIgnoreCase))
            return true;
        int power = "KMGTPE".IndexOf(char.ToUpperInvariant(unit[0])) + 1;
        ReadOnlySpan<char> rest = unit[1..];
        bool binary = rest.Equals("iB", StringComparison.OrdinalIgnoreCase);
        if (power == 0 || !(binary || rest.IsEmpty || rest.Equals("B", StringComparison.OrdinalIgnoreCase)))
            return false;
        for (; power > 0; power--)
            factor *= binary ? 1024UL : 1000UL;
        return true;
    }
}
