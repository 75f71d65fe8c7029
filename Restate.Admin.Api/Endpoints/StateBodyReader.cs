using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Restate.Storage.Processing;

namespace Restate.Admin.Api.Endpoints;

/// <summary>
/// Reads the body of a state change as it arrives: <c>{"object_key", "new_state", "version"?, "scope"?}</c>, values as arrays of u8 or as
/// strings. Only values are kept, in native memory; the text is forgotten piece by piece.
/// </summary>
internal sealed partial class StateBodyReader(StateWriter writer)
{
    /// <summary>Most bytes of a body.</summary>
    public const long MaxBodyBytes = 32 << 20;

    private const int MaxDepth = 64;

    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = MaxDepth });
    private Place _place = Place.Root;
    private Field _field;
    private Field _seen;
    private bool _asArray;
    private int _element;
    private int _skipDepth;
    private string _entryKey = string.Empty;
    private long _consumed;
    private long _line = 1;
    private long _lineStart;

    /// <summary>Key of the object; set once the body is read.</summary>
    public string? ObjectKey { get; private set; }

    /// <summary>Version the state must have; null: any.</summary>
    public string? Version { get; private set; }

    /// <summary>Scope of the object; null: none.</summary>
    public string? Scope { get; private set; }

    /// <summary>Reads the whole body.</summary>
    /// <exception cref="RequestRejectedException">413, 400 or 422.</exception>
    public async Task ReadAsync(PipeReader body, CancellationToken cancellationToken)
    {
        long parseFrom = 0;
        while (true)
        {
            ReadResult result = await body.ReadAsync(cancellationToken);
            SequencePosition consumed = result.Buffer.End;
            try
            {
                if (_consumed + result.Buffer.Length > MaxBodyBytes)
                    throw TooLarge();
                if (result.IsCompleted && _consumed == 0 && result.Buffer.IsEmpty)
                    throw Malformed("EOF while parsing a value at line 1 column 0");
                consumed = result.Buffer.Start;
                if (result.IsCompleted || result.Buffer.Length >= parseFrom)
                {
                    consumed = result.Buffer.End;
                    long used = Parse(result.Buffer, result.IsCompleted);
                    consumed = result.Buffer.GetPosition(used);

                    // A token that is not complete is read again from its start. Twice as many bytes must be there first, or a string
                    // of 30 MB, arriving in pieces of a few KB, would be read thousands of times.
                    parseFrom = 2 * (result.Buffer.Length - used);
                }
            }
            finally
            {
                // However this ends, the server can only go on with the connection once the read is closed.
                body.AdvanceTo(consumed, result.Buffer.End);
            }

            if (result.IsCompleted)
                break;
        }

        if (_place != Place.Done)
            throw Malformed($"EOF while parsing an object at line {_line} column {_consumed - _lineStart}");
    }

    /// <summary>The answer to a body past the limit.</summary>
    public static RequestRejectedException TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, "Failed to buffer the request body: length limit exceeded");

    private static RequestRejectedException Malformed(string detail, Exception? inner = null) =>
        new(StatusCodes.Status400BadRequest, "Failed to parse the request body as JSON: " + detail, inner);

    private long Parse(in ReadOnlySequence<byte> buffer, bool isFinal)
    {
        long offset = 0;
        while (true)
        {
            ReadOnlySequence<byte> rest = buffer.Slice(offset);
            bool scanning = AtBytes;
            long used = scanning ? ScanBytes(rest, isFinal) : ReadTokens(rest, isFinal);
            Count(rest.Slice(0, used));
            offset += used;

            // Tokens and byte arrays take turns; whichever needs more data ends the turn.
            if (scanning == AtBytes)
                return offset;
        }
    }

    private bool AtBytes => _place == Place.Bytes && !_bytesEnded;

    private long ReadTokens(in ReadOnlySequence<byte> rest, bool isFinal)
    {
        var reader = new Utf8JsonReader(rest, isFinal, _state);
        try
        {
            while (reader.Read())
            {
                Take(ref reader, rest);
                if (_place == Place.Bytes)
                    break;
            }
        }
        catch (JsonException e)
        {
            throw Malformed(Detail(e.Message) + At(rest, reader.BytesConsumed), e);
        }
        catch (InvalidOperationException e)
        {
            // Utf8JsonReader's way of saying that a string is not Unicode.
            throw Malformed("invalid unicode in a string" + At(rest, reader.BytesConsumed), e);
        }

        _state = reader.CurrentState;
        return reader.BytesConsumed;
    }

    /// <summary>What the tokenizer says, without the text it quotes: that runs to the end of the piece, which may be megabytes.</summary>
    private static string Detail(string message)
    {
        int end = message.IndexOf(" LineNumber: ", StringComparison.Ordinal);
        string detail = end < 0 ? message : message[..end];
        const string AfterQuote = "' is ";
        int quoted = detail.StartsWith('\'') ? detail.LastIndexOf(AfterQuote, StringComparison.Ordinal) : -1;
        return (quoted < 0 ? detail : detail[(quoted + AfterQuote.Length)..]).TrimEnd('.');
    }

    private void Take(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        switch (_place)
        {
            case Place.Root:
                TakeRoot(ref reader, buffer);
                break;
            case Place.Fields when reader.TokenType == JsonTokenType.PropertyName:
                TakeFieldName(ref reader, buffer);
                break;
            case Place.Fields when _asArray && reader.TokenType != JsonTokenType.EndArray:
                _field = _element switch { 0 => Field.Version, 1 => Field.ObjectKey, 2 => Field.Scope, 3 => Field.NewState, _ => Field.Other };
                _element++;
                _seen |= _field;
                TakeField(ref reader, buffer);
                break;
            case Place.Fields:
                Finish(ref reader, buffer);
                break;
            case Place.Value:
                TakeField(ref reader, buffer);
                break;
            case Place.Skipping:
                Skip(ref reader);
                break;
            case Place.Entries when reader.TokenType == JsonTokenType.EndObject:
                _place = Place.Fields;
                break;
            case Place.Entries:
                _entryKey = reader.GetString()!;
                writer.BeginEntry(Encoding.UTF8.GetBytes(_entryKey));
                _place = Place.EntryValue;
                break;
            case Place.EntryValue:
                TakeEntryValue(ref reader, buffer);
                break;
            case Place.Bytes:
                _place = Place.Entries; // The bracket that ends the array; its elements were scanned.
                break;
            default:
                throw new InvalidOperationException($"a token after the end: {reader.TokenType}");
        }
    }

    private void TakeRoot(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        _asArray = reader.TokenType == JsonTokenType.StartArray;
        if (!_asArray && reader.TokenType != JsonTokenType.StartObject)
            throw WrongType(ref reader, buffer, path: null, "struct ModifyServiceStateRequest");
        _place = Place.Fields;
    }

    private void TakeFieldName(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        _field = reader.ValueTextEquals("object_key"u8) ? Field.ObjectKey
            : reader.ValueTextEquals("new_state"u8) ? Field.NewState
            : reader.ValueTextEquals("version"u8) ? Field.Version
            : reader.ValueTextEquals("scope"u8) ? Field.Scope
            : Field.Other;
        if (_field != Field.Other && (_seen & _field) != 0)
        {
            long length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
            throw WrongShape($"duplicate field `{NameOf(_field)}`", At(buffer, reader.TokenStartIndex + length + 2));
        }

        _seen |= _field;
        _place = Place.Value;
    }

    private void TakeField(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        _place = Place.Fields;
        switch (_field)
        {
            case Field.ObjectKey:
                ObjectKey = TakeString(ref reader, buffer, optional: false);
                break;
            case Field.Version:
                Version = TakeString(ref reader, buffer, optional: true);
                break;
            case Field.Scope:
                Scope = TakeString(ref reader, buffer, optional: true);
                break;
            case Field.NewState:
                if (reader.TokenType != JsonTokenType.StartObject)
                    throw WrongType(ref reader, buffer, PathOf(_field), "a map");
                _place = Place.Entries;
                break;
            default:
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                {
                    _place = Place.Skipping;
                    _skipDepth = 1;
                }

                break;
        }
    }

    private string? TakeString(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer, bool optional)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        if (optional && reader.TokenType == JsonTokenType.Null)
            return null;
        throw WrongType(ref reader, buffer, PathOf(_field), "a string");
    }

    private void TakeEntryValue(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                StartBytes();
                _place = Place.Bytes;
                break;
            case JsonTokenType.String:
                TakeText(ref reader, buffer);
                _place = Place.Entries;
                break;
            default:
                throw WrongType(ref reader, buffer, $"{PathOf(Field.NewState)}.{_entryKey}", "byte array");
        }
    }

    private void Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            _skipDepth++;
        else if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject && --_skipDepth == 0)
            _place = Place.Fields;
    }

    private void Finish(ref Utf8JsonReader reader, in ReadOnlySequence<byte> buffer)
    {
        if (_asArray && _element != 4)
            throw WrongShape($"invalid length {_element}, expected struct ModifyServiceStateRequest with 4 elements", At(buffer, reader.BytesConsumed));
        foreach (Field required in (ReadOnlySpan<Field>)[Field.ObjectKey, Field.NewState])
        {
            if ((_seen & required) == 0)
                throw WrongShape($"missing field `{NameOf(required)}`", At(buffer, reader.BytesConsumed));
        }

        _place = Place.Done;
    }

    private void Count(in ReadOnlySequence<byte> used)
    {
        foreach (ReadOnlyMemory<byte> segment in used)
        {
            ReadOnlySpan<byte> span = segment.Span;
            int last = span.LastIndexOf((byte)'\n');
            if (last >= 0)
            {
                _line += span.Count((byte)'\n');
                _lineStart = _consumed + last + 1;
            }

            _consumed += span.Length;
        }
    }
}
