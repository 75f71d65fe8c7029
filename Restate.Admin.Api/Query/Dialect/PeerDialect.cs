using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>A statement after the rewrite.</summary>
/// <param name="Parsed">Its parsed form for DuckDB to make text of; null when nothing had to be changed.</param>
/// <param name="ResultNames">As <see cref="DialectRewriter.ResultNames"/>.</param>
/// <param name="ResultTypes">As <see cref="DialectRewriter.ResultTypes"/>.</param>
internal sealed record DialectResult(string? Parsed, IReadOnlyList<string?>? ResultNames, IReadOnlyList<PeerType>? ResultTypes)
{
    /// <summary>Values that columns of the one table must have, and that the statement does not say any more.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<string>> Lists { get; init; } = LongLists.None;
}

/// <summary>
/// Makes a statement in the peer's SQL one in DuckDB's, on the parsed statement and never on text. Thread-safe.
/// </summary>
/// <remarks>
/// The result is untrusted like the statement itself: whoever runs it has to make text of it, parse that text again, and put what
/// comes out before the gate. So neither a mistake here nor one in DuckDB's printing of statements can let anything through.
/// </remarks>
internal sealed class PeerDialect(DialectTables tables, string innerPrefix, string sumName)
{
    /// <summary>Nesting of the parsed statement, as the gate allows it.</summary>
    private const int MaxDepth = 2000;

    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = MaxDepth };

    private static readonly JsonSerializerOptions Writing = new()
    {
        MaxDepth = MaxDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Rewrites one statement.</summary>
    /// <param name="parsed">What <c>json_serialize_sql</c> made of it.</param>
    /// <param name="takesLists">True where its scan will apply the long lists it has.</param>
    /// <exception cref="QueryException">It mentions a schema there is not.</exception>
    internal DialectResult Rewrite(string parsed, bool takesLists)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(parsed, documentOptions: Reading);
        }
        catch (JsonException)
        {
            // The gate says what is wrong.
            return new DialectResult(null, null, null);
        }

        if (root is not JsonObject document || document.IsTrue("error") || document.Items("statements") is not [JsonObject statement]
            || statement.Object("node") is not { } node)
        {
            return new DialectResult(null, null, null);
        }

        var rewriter = new DialectRewriter(tables, innerPrefix, sumName);
        rewriter.Statement(node);
        IReadOnlyDictionary<string, IReadOnlyList<string>> lists = takesLists ? LongLists.Take(parsed, node) : LongLists.None;
        return new DialectResult(rewriter.HasChanged || lists.Count > 0 ? Write(document) : null, rewriter.ResultNames, rewriter.ResultTypes)
        {
            Lists = lists,
        };
    }

    private static string Write(JsonObject document)
    {
        try
        {
            return document.ToJsonString(Writing);
        }
        catch (InvalidOperationException e)
        {
            // What was put in the place of something nests deeper than that; writing fails for no other reason.
            throw new QueryException(QueryFailure.Invalid, "the query is nested too deeply", e);
        }
    }
}
