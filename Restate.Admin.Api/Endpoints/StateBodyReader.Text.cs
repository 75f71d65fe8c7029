using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Strings as bytes, and what is said about a wrong body.</summary>
internal sealed partial class StateBodyReader
{
    /// <summary>Where the reader stands.</summary>
    private enum Place
    {
        Root,
        Fields,
        Value,
        Skipping,
        Entries,
        EntryValue,
        Bytes,
        Done,
    }

    [Flags]
    private enum Field
    {
        None = 0,
        ObjectKey = 1,
        NewState = 2,
        Version = 4,
        Scope = 8,
        Other = 16,
    }

    private static string NameOf(Field field) => field switch
    {
        Field.ObjectKey => "object_key",
        Field.NewState => "new_state",
        Field.Version => "version",
        _ => "scope",
    };

    /// <summary>
    /// The bytes of a string as they stand in the body, escapes resolved. They need not be Unicode: a value is bytes, and Restate takes
    /// any byte and any lone surrogate here, which becomes its three bytes of generalised UTF-8.
    /// </summary>
    private void TakeText(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        if (!reader.ValueIsEscaped)
        {
            if (!reader.HasValueSequence)
            {
                writer.AppendValue(reader.ValueSpan);
                return;
            }

            foreach (ReadOnlyMemory<byte> segment in reader.ValueSequence)
                writer.AppendValue(segment.Span);
            return;
        }

        byte[]? joined = reader.HasValueSequence ? reader.ValueSequence.ToArray() : null;
        ReadOnlySpan<byte> text = joined ?? reader.ValueSpan;
        while (true)
        {
            int escape = text.IndexOf((byte)'\\');
            writer.AppendValue(escape < 0 ? text : text[..escape]);
            if (escape < 0)
                return;
            text = Unescape(text[escape..]);
        }
    }

    /// <summary>Appends the character that an escape stands for, and returns what follows it.</summary>
    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text)
    {
        // Utf8JsonReader has checked the form of every escape.
        byte plain = text[1] switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'f' => (byte)'\f',
            (byte)'u' => 0,
            byte self => self,
        };
        if (text[1] != (byte)'u')
        {
            writer.AppendValue(plain);
            return text[2..];
        }

        int unit = Hex(text);
        ReadOnlySpan<byte> rest = text[6..];
        if (char.IsHighSurrogate((char)unit) && rest.StartsWith("\\u"u8) && char.IsLowSurrogate((char)Hex(rest)))
        {
            Span<byte> four = stackalloc byte[4];
            int length = new Rune((char)unit, (char)Hex(rest)).EncodeToUtf8(four);
            writer.AppendValue(four[..length]);
            return rest[6..];
        }

        switch (unit)
        {
            case < 0x80:
                writer.AppendValue((byte)unit);
                break;
            case < 0x800:
                writer.AppendValue([(byte)(0xC0 | (unit >> 6)), (byte)(0x80 | (unit & 0x3F))]);
                break;
            default:
                writer.AppendValue([(byte)(0xE0 | (unit >> 12)), (byte)(0x80 | ((unit >> 6) & 0x3F)), (byte)(0x80 | (unit & 0x3F))]);
                break;
        }

        return rest;

        static int Hex(ReadOnlySpan<byte> escape) => int.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private string PathOf(Field field) => _asArray ? $"[{_element - 1}]" : NameOf(field);

    private RequestRejectedException WrongType(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer, string? path, string expected)
    {
        bool opens = reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject;
        string raw = reader.TokenType is JsonTokenType.Number or JsonTokenType.String
            ? Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan)
            : string.Empty;
        const int Shown = 64;
        if (raw.Length > Shown)
            raw = raw[..Shown] + "…";
        bool fraction = raw.AsSpan().IndexOfAny('.', 'e', 'E') >= 0;
        string found = reader.TokenType switch
        {
            JsonTokenType.StartArray => "invalid type: sequence",
            JsonTokenType.StartObject => "invalid type: map",
            JsonTokenType.String => $"invalid type: string \"{raw}\"",
            JsonTokenType.Null => "invalid type: null",
            JsonTokenType.True => "invalid type: boolean `true`",
            JsonTokenType.False => "invalid type: boolean `false`",
            _ when fraction => $"invalid type: floating point `{raw}`",
            _ => $"invalid type: integer `{raw}`",
        };
        string where = At(buffer, opens ? reader.TokenStartIndex : reader.BytesConsumed);
        return WrongShape($"{(path is null ? string.Empty : path + ": ")}{found}, expected {expected}", where);
    }

    private static RequestRejectedException WrongShape(string detail, string where) => new(
        StatusCodes.Status422UnprocessableEntity, $"Failed to deserialize the JSON body into the target type: {detail}{where}");

    /// <summary>Line and column of a byte of this piece of the body, counted from the start of the body.</summary>
    private string At(in ReadOnlySequence<byte> buffer, long index)
    {
        long line = _line;
        long lineStart = _lineStart;
        long position = _consumed;
        foreach (ReadOnlyMemory<byte> segment in buffer.Slice(0, index))
        {
            foreach (byte b in segment.Span)
            {
                position++;
                if (b == (byte)'\n')
                {
                    line++;
                    lineStart = position;
                }
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $" at line {line} column {position - lineStart}");
    }
}
