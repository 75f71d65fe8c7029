using System.Globalization;
using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>The expressions of one statement with the types that the peer would give them, and the ways to change them in place.</summary>
internal sealed class Expressions
{
    /// <summary>Most parts of a statement that may be said twice in the rewritten one: each level of nested calls copies all below it.</summary>
    private const int MaxCopied = 20_000;

    private readonly Dictionary<JsonNode, PeerType> _types = new(ReferenceEqualityComparer.Instance);
    private int _copied;

    /// <summary>True once something was changed.</summary>
    internal bool HasChanged { get; set; }

    /// <summary>The type of an expression that was looked at.</summary>
    internal PeerType TypeOf(JsonNode? expression) =>
        expression is not null && _types.TryGetValue(expression, out PeerType type) ? type : PeerKind.Unknown;

    internal void Set(JsonNode expression, PeerType type) => _types[expression] = type;

    /// <summary>Makes another expression of <paramref name="target"/>, under the same alias.</summary>
    internal void Replace(JsonObject target, JsonObject with, PeerType type)
    {
        string alias = target.Text("alias");
        target.Clear();
        Move(with, target);
        target["alias"] = alias;
        Set(target, type);
        HasChanged = true;
    }

    /// <summary>Puts a cast around an expression, which stays the same object for whoever holds it.</summary>
    internal void Cast(JsonObject target, PeerType type, bool isTry = false)
    {
        if (DuckDbName(type) is not null)
            Replace(target, ParsedSql.Cast(Detached(target), TypeNode(type), isTry), type);
    }

    /// <summary>The content of <paramref name="target"/> as an expression of its own, without its alias.</summary>
    internal JsonObject Detached(JsonObject target)
    {
        string alias = target.Text("alias");
        var inner = new JsonObject();
        Move(target, inner);
        inner["alias"] = "";
        target["alias"] = alias;
        Set(inner, TypeOf(target));
        return inner;
    }

    /// <summary>A cast of an expression that is not in a tree.</summary>
    internal JsonObject CastOf(JsonNode? operand, PeerType type, bool isTry = false)
    {
        JsonObject cast = ParsedSql.Cast(operand, TypeNode(type), isTry);
        Set(cast, type);
        return cast;
    }

    /// <summary>A second copy of an expression.</summary>
    /// <exception cref="QueryException">The statement would become too large.</exception>
    internal JsonNode? Copy(JsonNode? expression)
    {
        _copied += Count(expression);
        if (_copied > MaxCopied)
            throw QueryException.Invalid("the query is too large once its functions are expanded");
        return expression?.DeepClone();
    }

    /// <summary>Makes a whole-number literal 64 bits wide, as the peer's are; DuckDB's are as narrow as the number allows.</summary>
    internal void Widen(JsonNode? node)
    {
        if (node is not JsonObject constant || constant.Text("class") != "CONSTANT" || constant.Object("value") is not { } value)
            return;
        switch (value.Object("type")?.Text("id"))
        {
            case "TINYINT" or "SMALLINT" or "INTEGER" when !value.IsTrue("is_null"):
                Cast(constant, PeerKind.Int64);
                break;
            case "HUGEINT" when TypeOf(constant).Kind == PeerKind.UInt64:
                Cast(constant, PeerKind.UInt64);
                break;
        }
    }

    /// <summary>The name of a type in DuckDB; null where it has none.</summary>
    internal static string? DuckDbName(PeerType type) => type.Kind switch
    {
        PeerKind.Boolean => "BOOLEAN",
        PeerKind.Int8 => "TINYINT",
        PeerKind.Int16 => "SMALLINT",
        PeerKind.Int32 => "INTEGER",
        PeerKind.Int64 => "BIGINT",
        PeerKind.UInt8 => "UTINYINT",
        PeerKind.UInt16 => "USMALLINT",
        PeerKind.UInt32 => "UINTEGER",
        PeerKind.UInt64 => "UBIGINT",
        PeerKind.Float32 => "FLOAT",
        PeerKind.Float64 => "DOUBLE",
        PeerKind.Decimal => "DECIMAL",
        PeerKind.Utf8 or PeerKind.LargeUtf8 or PeerKind.Utf8View => "VARCHAR",
        PeerKind.Binary or PeerKind.LargeBinary => "BLOB",
        PeerKind.Date => "DATE",
        PeerKind.Time => "TIME",
        PeerKind.Interval => "INTERVAL",
        PeerKind.Timestamp when type.IsZoned => "TIMESTAMP WITH TIME ZONE",
        PeerKind.Timestamp => type.Scale switch { 0 => "TIMESTAMP_S", 3 => "TIMESTAMP_MS", 6 => "TIMESTAMP", _ => "TIMESTAMP_NS" },
        _ => null,
    };

    /// <summary>A text constant's value; null for anything else.</summary>
    internal static string? TextOf(JsonNode? node) =>
        node is JsonObject constant && constant.Text("class") == "CONSTANT" && constant.Object("value") is { } value
            && value.Object("type")?.Text("id") == "VARCHAR" && !value.IsTrue("is_null")
                ? value.Text("value")
                : null;

    /// <summary>A whole-number constant's value, also where it was made wider; null for anything else.</summary>
    internal static long? NumberOf(JsonNode? node)
    {
        if (node is JsonObject cast && cast.Text("class") == "CAST" && cast.Object("cast_type")?.Text("id") == "BIGINT")
            node = cast["child"];
        if (node is not JsonObject constant || constant.Text("class") != "CONSTANT" || constant.Object("value") is not { } value
            || value.Object("type")?.Text("id") is not ("TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT") || value.IsTrue("is_null"))
        {
            return null;
        }

        return long.TryParse(value["value"]?.ToJsonString(), CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    internal static void Move(JsonObject from, JsonObject to)
    {
        while (from.Count > 0)
        {
            (string name, JsonNode? value) = from.GetAt(0);
            from.RemoveAt(0);
            to.Add(name, value);
        }
    }

    private static JsonObject TypeNode(PeerType type) => new()
    {
        ["id"] = DuckDbName(type),
        ["type_info"] = type.Kind == PeerKind.Decimal
            ? new JsonObject
            {
                ["type"] = "DECIMAL_TYPE_INFO",
                ["alias"] = "",
                ["extension_info"] = null,
                ["width"] = type.Precision,
                ["scale"] = type.Scale,
            }
            : null,
    };

    private static int Count(JsonNode? node) => node switch
    {
        JsonArray items => 1 + items.Sum(Count),
        JsonObject properties => 1 + properties.Sum(property => property.Value is JsonValue or null ? 0 : Count(property.Value)),
        _ => 0,
    };
}
