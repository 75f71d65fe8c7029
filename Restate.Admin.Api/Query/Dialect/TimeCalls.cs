using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>Functions on times, dates and spans.</summary>
/// <param name="expressions">The expressions of the statement.</param>
internal sealed class TimeCalls(Expressions expressions)
{
    private const int Microseconds = 6;
    private const string Nanoseconds = "make_timestamp_ns";

    /// <summary>A time with six digits of the second, of which six, three or none say something.</summary>
    private const string Digits = @"^.{19}\.\d{3}(?:[1-9]\d\d|\d[1-9]\d|\d\d[1-9])|^.{19}\.(?:[1-9]\d\d|\d[1-9]\d|\d\d[1-9])|^.{19}";

    /// <summary>Rewrites a call, if it is one of these.</summary>
    internal bool Rewrite(JsonObject call, string name)
    {
        JsonArray arguments = call.Items("children");
        switch (name)
        {
            case "now" or "get_current_timestamp" or "transaction_timestamp":
                expressions.Set(call, PeerType.Timestamp());
                return true;
            case "today" or "current_date" or "make_date":
                expressions.Set(call, PeerKind.Date);
                return true;
            case "to_date" when arguments.Count == 1:
                expressions.Replace(call, expressions.CastOf(CallRewriter.Take(call)[0], PeerKind.Date), PeerKind.Date);
                return true;
            case "date_trunc" or "datetrunc" when arguments.Count == 2:
                PeerType truncated = expressions.TypeOf(arguments[1]);
                expressions.Set(call, truncated.Kind == PeerKind.Date ? PeerType.Timestamp() : truncated);
                return true;
            case "date_bin" when arguments.Count is 2 or 3:
                Bin(call);
                return true;
            case "date_part" or "datepart" when arguments.Count == 2:
                Part(call, arguments);
                return true;
            case "to_timestamp" when arguments.Count == 1:
                ToTimestamp(call, digits: 9);
                return true;
            case "to_timestamp_seconds" or "from_unixtime" when arguments.Count == 1:
                ToTimestamp(call, digits: 0);
                return true;
            case "to_timestamp_millis" when arguments.Count == 1:
                ToTimestamp(call, digits: 3, "make_timestamp_ms");
                return true;
            case "to_timestamp_micros" when arguments.Count == 1:
                ToTimestamp(call, digits: 6, "make_timestamp");
                return true;
            case "to_timestamp_nanos" when arguments.Count == 1:
                ToTimestamp(call, digits: 9, Nanoseconds);
                return true;
            case "to_unixtime" when arguments.Count == 1:
                JsonNode? moment = CallRewriter.Take(call)[0];
                JsonObject epoch = ParsedSql.Call("floor", ParsedSql.Call("epoch", Utc(moment)));
                expressions.Replace(call, expressions.CastOf(epoch, PeerKind.Int64), PeerKind.Int64);
                return true;
            case "to_char" or "date_format" when arguments.Count == 2:
                CallRewriter.Rename(call, "strftime");
                expressions.HasChanged = true;
                expressions.Set(call, PeerKind.Utf8);
                return true;
            case "to_local_time" when arguments.Count == 1:
                JsonNode? local = CallRewriter.Take(call)[0];
                PeerType type = expressions.TypeOf(local);
                expressions.Replace(call, expressions.CastOf(local, PeerType.Timestamp(Microseconds)), type with { IsZoned = false });
                return true;
            default:
                return false;
        }
    }

    /// <summary>The type of a sum or difference with a time in it.</summary>
    internal static PeerType Arithmetic(string sign, PeerType left, PeerType right) => (sign, left.Kind, right.Kind) switch
    {
        ("+" or "-", PeerKind.Timestamp or PeerKind.Date or PeerKind.Interval, PeerKind.Interval) => left,
        ("+", PeerKind.Interval, PeerKind.Timestamp or PeerKind.Date) => right,
        ("-", PeerKind.Date, PeerKind.Date) => PeerKind.Int64,
        ("-", PeerKind.Timestamp, PeerKind.Timestamp) =>
            new PeerType(PeerKind.Duration, Scale: left.IsZoned ? left.Scale : right.IsZoned ? right.Scale : Math.Max(left.Scale, right.Scale)),
        ("-", PeerKind.Timestamp, PeerKind.Date) or ("-", PeerKind.Date, PeerKind.Timestamp) => new PeerType(PeerKind.Duration, Scale: 9),
        ("+" or "-", PeerKind.Date, PeerKind.Int64) => left,
        _ => PeerKind.Unknown,
    };

    /// <summary>A time as text in the peer's form: as many digits of the second as it takes, in threes.</summary>
    internal static JsonObject Text(JsonNode? time, PeerType type)
    {
        JsonObject text = ParsedSql.Call("strftime", time, ParsedSql.Literal("%Y-%m-%dT%H:%M:%S.%f"));
        text = ParsedSql.Call("regexp_extract", text, ParsedSql.Literal(Digits));
        return type.IsZoned ? ParsedSql.Infix("||", text, ParsedSql.Literal("Z")) : text;
    }

    /// <summary>A time without a zone: that of UTC where it has one.</summary>
    private JsonObject Utc(JsonNode? time)
    {
        PeerType type = expressions.TypeOf(time);
        return type.IsText
            ? expressions.CastOf(
                expressions.CastOf(time, new PeerType(PeerKind.Timestamp, Scale: 3, IsZoned: true)), PeerType.Timestamp(Microseconds))
            : expressions.CastOf(time, PeerType.Timestamp(Microseconds));
    }

    private void Bin(JsonObject call)
    {
        JsonNode?[] arguments = CallRewriter.Take(call);
        PeerType type = expressions.TypeOf(arguments[1]);
        JsonNode? origin = arguments.Length == 3
            ? Utc(arguments[2])
            : expressions.CastOf(ParsedSql.Literal("1970-01-01"), PeerType.Timestamp(Microseconds));
        JsonObject bin = ParsedSql.Call("time_bucket", arguments[0], Utc(arguments[1]), origin);
        if (type.IsZoned)
            bin = expressions.CastOf(bin, type);
        expressions.Replace(call, bin, new PeerType(PeerKind.Timestamp, Scale: 9, IsZoned: type.IsZoned));
    }

    private void Part(JsonObject call, JsonArray arguments)
    {
        string? part = Expressions.TextOf(arguments[0]);
        if (part is null)
            return;
        if (SqlNames.Fold(part) == "epoch")
            expressions.Set(call, PeerKind.Float64);
        else
            expressions.Cast(call, PeerKind.Int32);
    }

    /// <summary>A time from text, or from a number of seconds or of smaller units.</summary>
    private void ToTimestamp(JsonObject call, int digits, string? make = null)
    {
        JsonNode? value = CallRewriter.Take(call)[0];
        PeerType type = expressions.TypeOf(value);
        var result = PeerType.Timestamp(digits);
        JsonObject time = type.IsNumber
            ? ParsedSql.Call(make ?? "to_timestamp", value)
            : (JsonObject)value!;
        if (type.IsNumber)
            expressions.Replace(call, make == Nanoseconds ? time : expressions.CastOf(time, PeerType.Timestamp(Microseconds)), result);
        else
            expressions.Replace(call, Utc(time), result);
    }
}
