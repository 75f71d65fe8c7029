using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The requests of <c>http/</c>, sent in their order to a fresh server each file.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class HttpFileTests : IDisposable
{
    private const string PlaceholderSegment = "variable";

    private static readonly string Folder = Path.Combine(Repository.Root, "http");

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, (JsonElement? Body, HttpResponseMessage Response)> _answers = new(StringComparer.Ordinal);

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.http").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        foreach ((_, HttpResponseMessage response) in _answers.Values)
            response.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_request_is_answered_as_the_file_says(string name)
    {
        Installed.RequireSdkService();
        HttpFile file = HttpFile.Read(Path.Combine(Folder, name));
        await using SdkService sdk = await SdkService.StartAsync(Cancelled);
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        var contract = new ApiContract(await server.Admin.GetAsync("/openapi", Cancelled));
        var variables = new Dictionary<string, string>(file.Variables)
        {
            ["admin"] = server.Admin.AdminUri.GetLeftPart(UriPartial.Authority),
            ["node"] = server.Admin.NodeUri.GetLeftPart(UriPartial.Authority),
            ["sdk"] = sdk.Uri.GetLeftPart(UriPartial.Authority),
        };
        foreach (HttpFileRequest request in file.Requests)
        {
            using HttpRequestMessage message = Build(request, text => HttpFile.Substitute(text, variable => ValueOf(variable, variables)));
            HttpResponseMessage response = await server.Admin.Http.SendAsync(message, Cancelled);
            string body = await response.Content.ReadAsStringAsync(Cancelled);
            string? type = response.Content.Headers.ContentType?.MediaType;
            string where = $"{name}:{request.Line} {request.Title}";
            Assert.True(response.StatusCode == request.Status, $"{where}: {(int)response.StatusCode} {body}, expected {(int)request.Status}");
            if (request.ContentType is not null)
                Assert.True(type == request.ContentType, $"{where}: {type}, expected {request.ContentType}");
            if (message.RequestUri!.Authority == server.Admin.AdminUri.Authority)
                Judge(contract, message, (int)response.StatusCode, type, body, where);
            _answers[request.Name ?? where] = (type == "application/json" && body.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(body) : null, response);
        }
    }

    [Fact]
    public void Every_operation_of_the_document_is_in_some_file()
    {
        var contract = new ApiContract(JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(Repository.Root, "openapi", "admin.json"))));
        HashSet<string> used = [.. Directory.GetFiles(Folder, "*.http").Select(HttpFile.Read).SelectMany(file => file.Requests)
            .Where(request => request.Url.StartsWith("{{admin}}", StringComparison.Ordinal))
            .Select(request => contract.Find(request.Method.Method, PathOf(request.Url)) ?? string.Empty)];
        Assert.Empty(contract.Operations.Keys.Except(used));
    }

    [Theory]
    [InlineData("### Title\nGET http://a/b\n", "no `# Expect")]
    [InlineData("###\n# Expect: 200\nGET http://a/b\n", "without a title")]
    [InlineData("### Title\n# Expect: soon\nGET http://a/b\n", "not an expectation")]
    [InlineData("### Title\n# Expect: 200\nGET http://a/b HTTP/1.1\n", "no request")]
    [InlineData("### Title\n# Expect: 200\nGET http://a/b\nno header\n", "not a header")]
    [InlineData("### Title\n# @no-redirect\n# Expect: 200\nGET http://a/b\n", "not supported")]
    [InlineData("@a = 1\n@a = 2\n### Title\n# Expect: 200\nGET http://a/b\n", "new variable")]
    [InlineData("@a = 1\n", "no request")]
    public void What_a_file_may_not_hold_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => HttpFile.Parse("x.http", text)).Message, StringComparison.Ordinal);

    private static void Judge(ApiContract contract, HttpRequestMessage message, int status, string? type, string body, string where)
    {
        string? operation = contract.Find(message.Method.Method, message.RequestUri!.AbsolutePath);
        Assert.True(operation is not null, $"{where}: the API document has no such operation");
        if (message.Method != HttpMethod.Head)
            Assert.True(contract.Judge(operation, status, type, body).ToArray() is [], $"{where}: {string.Join("; ", contract.Judge(operation, status, type, body))}\n{body}");
    }

    private static string PathOf(string url) => HttpFile.Substitute(url["{{admin}}".Length..].Split('?')[0], _ => PlaceholderSegment);

    private static HttpRequestMessage Build(HttpFileRequest request, Func<string, string> substitute)
    {
        var message = new HttpRequestMessage(request.Method, substitute(request.Url));
        if (request.Body is not null)
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(substitute(request.Body)));
        foreach ((string name, string value) in request.Headers)
        {
            bool added = name.Equals("content-type", StringComparison.OrdinalIgnoreCase)
                ? message.Content is { } content && (content.Headers.ContentType = MediaTypeHeaderValue.Parse(substitute(value))) is not null
                : message.Headers.TryAddWithoutValidation(name, substitute(value));
            Assert.True(added, $"{request.Title}: header {name} cannot be sent");
        }

        return message;
    }

    /// <summary>A variable of the file, or <c>request.response.body.$.field</c>, or <c>request.response.headers.Name</c>.</summary>
    private string? ValueOf(string variable, Dictionary<string, string> variables)
    {
        if (variables.TryGetValue(variable, out string? value))
            return value;
        string[] parts = variable.Split('.');
        if (parts is not [var request, "response", var part, ..] || !_answers.TryGetValue(request, out (JsonElement? Body, HttpResponseMessage Response) answer))
            return null;
        if (part == "headers" && parts.Length == 4)
            return answer.Response.Headers.TryGetValues(parts[3], out IEnumerable<string>? values) ? values.Single() : null;
        if (part != "body" || parts.Length < 5 || parts[3] != "$" || answer.Body is not { } body)
            return null;
        foreach (string field in parts[4..])
            body = body.GetProperty(field);
        return body.ToString();
    }
}
