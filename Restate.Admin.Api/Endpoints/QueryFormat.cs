using Microsoft.Net.Http.Headers;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Forms of a query's answer.</summary>
internal enum QueryFormat
{
    /// <summary>An Arrow IPC stream: also what a client gets that does not say, because Restate's CLI relies on it.</summary>
    Arrow,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON object a line.</summary>
    JsonLines,
}

/// <summary>Content negotiation of <c>POST /query</c>.</summary>
internal static class QueryFormats
{
    private const string ArrowType = "application/vnd.apache.arrow.stream";

    /// <summary>The form for an Accept header. The most wanted form that is named decides; wildcards alone mean Arrow.</summary>
    internal static QueryFormat Negotiate(IList<string?> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList([.. accept.Where(value => value is not null).Select(value => value!)], out var types))
            return QueryFormat.Arrow;
        return types
            .Where(type => type.Quality is not 0)
            .Select(type => (Quality: type.Quality ?? 1, Format: FormatOf(type.MediaType.Value)))
            .Where(choice => choice.Format is not null)
            .OrderByDescending(choice => choice.Quality)
            .Select(choice => choice.Format!.Value)
            .FirstOrDefault(QueryFormat.Arrow);
    }

    internal static string ContentType(QueryFormat format) => format switch
    {
        QueryFormat.Json => "application/json",
        QueryFormat.JsonLines => "application/x-ndjson",
        _ => ArrowType,
    };

    private static QueryFormat? FormatOf(string? type) => type?.ToLowerInvariant() switch
    {
        // A browser names text/html and takes the rest as it comes.
        "application/json" or "text/html" => QueryFormat.Json,
        "application/x-ndjson" => QueryFormat.JsonLines,
        ArrowType => QueryFormat.Arrow,
        _ => null,
    };
}
