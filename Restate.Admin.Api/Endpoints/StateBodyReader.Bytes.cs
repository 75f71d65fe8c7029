using System.Buffers;
using System.Text;

namespace Restate.Admin.Api.Endpoints;

/// <summary>
/// Arrays of u8, which are most of a body: scanned by hand, several times faster than token by token. The tokenizer sees an empty array:
/// it stops after the opening bracket and goes on at the closing one.
/// </summary>
internal sealed partial class StateBodyReader
{
    private int _byteIndex;
    private int _number = NoNumber;
    private bool _numberEnded;
    private bool _needsNumber;
    private bool _bytesEnded;

    private const int NoNumber = -1;

    private void StartBytes()
    {
        _byteIndex = 0;
        _number = NoNumber;
        _numberEnded = false;
        _needsNumber = false;
        _bytesEnded = false;
    }

    /// <summary>Scans elements up to the closing bracket, or to the end of what is there.</summary>
    /// <returns>Bytes used; the closing bracket is not.</returns>
    private long ScanBytes(in ReadOnlySequence<byte> rest, bool isFinal)
    {
        long used = 0;
        foreach (ReadOnlyMemory<byte> segment in rest)
        {
            int scanned = ScanSegment(segment.Span, out bool stray);
            used += scanned;
            if (stray)
                return ScanStray(rest, used, isFinal);
            if (_bytesEnded)
                return used;
        }

        return used;
    }

    private int ScanSegment(ReadOnlySpan<byte> text, out bool stray)
    {
        // Two bytes of text make one element at least, and one may have begun before.
        Span<byte> elements = writer.ReserveValue((text.Length / 2) + 2);
        int count = 0;
        int number = _number;
        bool numberEnded = _numberEnded;
        bool needsNumber = _needsNumber;
        stray = false;
        int i = 0;
        for (; i < text.Length; i++)
        {
            byte c = text[i];
            uint digit = (uint)c - '0';
            if (digit <= 9)
            {
                // 0 stands alone: JSON has no leading zeros. Past 255 it is not a u8.
                if (numberEnded || number == 0 || (number != NoNumber && ((number * 10) + (int)digit) > byte.MaxValue))
                {
                    stray = true;
                    break;
                }

                number = number == NoNumber ? (int)digit : (number * 10) + (int)digit;
                needsNumber = false;
            }
            else if (c == (byte)',')
            {
                if (number == NoNumber)
                {
                    stray = true;
                    break;
                }

                elements[count++] = (byte)number;
                number = NoNumber;
                numberEnded = false;
                needsNumber = true;
            }
            else if (c == (byte)']')
            {
                if (needsNumber)
                {
                    stray = true;
                    break;
                }

                if (number != NoNumber)
                    elements[count++] = (byte)number;
                _bytesEnded = true;
                break;
            }
            else if (c is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            {
                numberEnded = number != NoNumber;
            }
            else
            {
                stray = true;
                break;
            }
        }

        writer.AdvanceValue(count);
        _byteIndex += count;
        _number = number;
        _numberEnded = numberEnded;
        _needsNumber = needsNumber;
        return i;
    }

    /// <summary>Says what is wrong at a byte that no array of u8 has there.</summary>
    /// <returns>Bytes before it, when what comes next decides what it is.</returns>
    private long ScanStray(in ReadOnlySequence<byte> rest, long at, bool isFinal)
    {
        if (_number != NoNumber && _numberEnded)
            throw Malformed("expected `,` or `]`" + At(rest, at + 1));

        // Digits before it belong to the same token.
        const int Shown = 32;
        long start = at;
        string before = _number == NoNumber ? string.Empty : _number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        ReadOnlySequence<byte> tail = rest.Slice(start, Math.Min(Shown, rest.Length - start));
        string text = Encoding.UTF8.GetString(tail.ToArray());
        int length = text.AsSpan().IndexOfAny(",] \n\r\t");
        if (length < 0 && tail.Length < Shown && !isFinal)
            return at;
        string token = before + (length < 0 ? text : text[..length]);
        string path = $"{PathOf(Field.NewState)}.{_entryKey}[{_byteIndex}]";
        long end = start + (length < 0 ? tail.Length : length);
        char first = token.Length == 0 ? '\0' : token[0];
        if (first == '-' || char.IsAsciiDigit(first))
        {
            if (token.AsSpan(1).ContainsAnyExcept("0123456789.eE+-") || (first == '0' && token.Length > 1 && char.IsAsciiDigit(token[1])))
                throw Malformed("invalid number" + At(rest, start));
            string found = token.AsSpan().ContainsAny(".eE") ? $"invalid type: floating point `{token}`" : $"invalid value: integer `{token}`";
            throw WrongShape($"{path}: {found}, expected u8", At(rest, end));
        }

        string? type = first switch
        {
            '"' => "string",
            '[' => "sequence",
            '{' => "map",
            'n' when token == "null" => "null",
            't' when token == "true" => "boolean `true`",
            'f' when token == "false" => "boolean `false`",
            _ => null,
        };
        if (type is null || _number != NoNumber)
            throw Malformed((_number == NoNumber ? "expected value" : "expected `,` or `]`") + At(rest, start + 1));
        throw WrongShape($"{path}: invalid type: {type}, expected u8", At(rest, first is '[' or '{' ? start : end));
    }
}
