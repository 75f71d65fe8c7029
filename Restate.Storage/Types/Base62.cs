using System.Buffers.Binary;

namespace Restate.Storage.Types;

/// <summary>
/// Integers as text of fixed width, as Restate writes the fields of its ids: alphabet <c>0-9a-zA-Z</c>, most significant digit first,
/// left-padded with <c>0</c>, of the integer with its bytes reversed.
/// </summary>
internal static class Base62
{
    /// <summary>Characters of a 64-bit field.</summary>
    public const int Width64 = 11;

    /// <summary>Characters of a 128-bit field.</summary>
    public const int Width128 = 22;

    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Writes a 64-bit field into the first <see cref="Width64"/> characters of <paramref name="destination"/>.</summary>
    public static void Write(ulong value, Span<char> destination)
    {
        ulong rest = BinaryPrimitives.ReverseEndianness(value);
        for (int i = Width64 - 1; i >= 0; i--)
        {
            (rest, ulong digit) = Math.DivRem(rest, 62);
            destination[i] = Alphabet[(int)digit];
        }
    }

    /// <summary>Writes a 128-bit field into the first <see cref="Width128"/> characters of <paramref name="destination"/>.</summary>
    public static void Write(UInt128 value, Span<char> destination)
    {
        UInt128 rest = BinaryPrimitives.ReverseEndianness(value);
        for (int i = Width128 - 1; i >= 0; i--)
        {
            (rest, UInt128 digit) = UInt128.DivRem(rest, 62);
            destination[i] = Alphabet[(int)digit];
        }
    }

    /// <summary>Reads a field of <see cref="Width64"/> characters; false for a foreign character or a number beyond 64 bits.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out ulong value)
    {
        bool read = TryReadDigits(text, ulong.MaxValue, out UInt128 number);
        value = BinaryPrimitives.ReverseEndianness((ulong)number);
        return read;
    }

    /// <summary>Reads a field of <see cref="Width128"/> characters; false for a foreign character or a number beyond 128 bits.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out UInt128 value)
    {
        bool read = TryReadDigits(text, UInt128.MaxValue, out UInt128 number);
        value = BinaryPrimitives.ReverseEndianness(number);
        return read;
    }

    private static bool TryReadDigits(ReadOnlySpan<char> text, UInt128 max, out UInt128 value)
    {
        UInt128 number = 0;
        value = 0;
        foreach (char c in text)
        {
            int digit = c switch
            {
                >= '0' and <= '9' => c - '0',
                >= 'a' and <= 'z' => c - 'a' + 10,
                >= 'A' and <= 'Z' => c - 'A' + 36,
                _ => -1,
            };
            if (digit < 0 || number > (max - (uint)digit) / 62)
                return false;
            number = number * 62 + (uint)digit;
        }

        value = number;
        return true;
    }
}
