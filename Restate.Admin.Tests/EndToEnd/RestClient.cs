using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>A request of the table.</summary>
/// <param name="Method">Method.</param>
/// <param name="Path">Path; <c>{id}</c> stands for the deployment registered last.</param>
/// <param name="Body">Body; <c>{base}</c>, <c>{next}</c>, <c>{shrunk}</c> stand for the addresses of SDK services.</param>
internal sealed record RestRow(string Method, string Path, string? Body = null)
{
    /// <summary>Content type of the body; empty sends none.</summary>
    public string Type { get; init; } = "application/json";

    /// <summary>What to accept as coding; null sends none.</summary>
    public string? AcceptEncoding { get; init; }

    /// <summary>Why the answers differ on purpose; null where they may not.</summary>
    public string? Reason { get; init; }

    /// <summary>True where the texts of the bodies differ for that reason; status, type and other headers may not.</summary>
    public bool OtherText { get; init; }

    /// <summary>True where the status and the kind of body differ for that reason too.</summary>
    public bool OtherStatus { get; init; }

    /// <summary>True where only the location differs for that reason.</summary>
    public bool OtherLocation { get; init; }

    /// <summary>Fields that differ for that reason, wherever they stand in the body.</summary>
    public string[] OtherFields { get; init; } = [];
}

/// <summary>What of an answer is compared.</summary>
internal sealed record RestAnswer(int Status, string? Type, string? Location, string? Allow, string? Vary, string? Coding, string Body);

/// <summary>Sends the rows of the table to one server and brings its answers into one form.</summary>
internal sealed partial class RestClient(HttpClient http, IReadOnlyDictionary<string, string> names)
{
    private readonly Dictionary<string, string> _ids = [];
    private string _last = "";

    public async Task<RestAnswer> SendAsync(RestRow row, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(row.Method), row.Path.Replace("{id}", _last, StringComparison.Ordinal));
        if (row.Body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(names.Aggregate(
                row.Body, (body, name) => body.Replace($"{{{name.Key}}}", name.Value, StringComparison.Ordinal))));
            if (row.Type.Length > 0)
                request.Content.Headers.TryAddWithoutValidation("content-type", row.Type);
        }

        if (row.AcceptEncoding is not null)
            request.Headers.TryAddWithoutValidation("accept-encoding", row.AcceptEncoding);
        using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        string? coding = Header(response.Content.Headers, "content-encoding");
        string? type = Header(response.Content.Headers, "content-type");
        if (row is { Method: "POST", Path: "/deployments" } && response.IsSuccessStatusCode && !row.Body!.Contains("dry_run", StringComparison.Ordinal))
            _last = JsonNode.Parse(body)!["id"]!.ToString();
        bool other = row.OtherText || row.OtherStatus;
        return new RestAnswer(
            row.OtherStatus ? 0 : (int)response.StatusCode,
            row.OtherStatus ? null : type,
            row.OtherLocation ? null : Mask(Header(response.Headers, "location")),
            response.StatusCode == System.Net.HttpStatusCode.MethodNotAllowed ? Header(response.Content.Headers, "allow") : null,
            row.OtherStatus ? null : Header(response.Headers, "vary"),
            coding,
            other || coding is not null ? "" : Mask(type == "application/json" && body.Length > 0 ? Canonical(body, row.OtherFields) : body)!);
    }

    private static string? Header(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString() : null;

    private static string Canonical(string body, string[] without) => Sorted(JsonNode.Parse(body), without)?.ToJsonString() ?? "null";

    /// <summary>Fields by name, lists by their text: the peer gives both in an order of chance.</summary>
    private static JsonNode? Sorted(JsonNode? node, string[] without) => node switch
    {
        JsonObject map => new JsonObject(map
            .Where(field => !without.Contains(field.Key))
            .OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value, without)))),
        JsonArray list => new JsonArray([.. list.Select(item => Sorted(item, without)).OrderBy(Place, StringComparer.Ordinal)]),
        null => null,
        _ => node.DeepClone(),
    };

    private static string? Place(JsonNode? item) =>
        (item as JsonObject)?["uri"]?.ToString() ?? (item as JsonObject)?["name"]?.ToString() ?? item?.ToJsonString();

    private string? Mask(string? text) => text is null ? null : Id().Replace(
        Time().Replace(text, "<time>"),
        id => _ids.TryGetValue(id.Value, out string? known) ? known : _ids[id.Value] = $"<deployment {_ids.Count}>");

    [GeneratedRegex("dp_1[0-9a-zA-Z]{22}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z")]
    private static partial Regex Time();
}
