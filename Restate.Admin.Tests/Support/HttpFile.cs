using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Restate.Admin.Tests.Support;

/// <summary>A request of an <c>.http</c> file with what it expects.</summary>
/// <param name="Line">Line of the request in the file.</param>
/// <param name="Title">What stands behind its separator.</param>
/// <param name="Name">Name by which later requests refer to its answer.</param>
/// <param name="Method">Method.</param>
/// <param name="Url">Address, variables not yet replaced.</param>
/// <param name="Headers">Headers, variables not yet replaced.</param>
/// <param name="Body">Body, variables not yet replaced; null without one.</param>
/// <param name="Status">Status of the answer.</param>
/// <param name="ContentType">Content type of the answer without parameters; null where it is not said.</param>
internal sealed record HttpFileRequest(
    int Line,
    string Title,
    string? Name,
    HttpMethod Method,
    string Url,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    string? Body,
    HttpStatusCode Status,
    string? ContentType);

/// <summary>
/// An <c>.http</c> file as REST Client, Rider and Visual Studio read it, of which only what all of them know is allowed:
/// <c>@variable = value</c>, <c>### title</c>, <c># comment</c>, <c># @name</c>, a request line, headers, a body.
/// </summary>
internal sealed partial class HttpFile
{
    private HttpFile(string path) => Name = Path.GetFileName(path);

    public string Name { get; }

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    public List<HttpFileRequest> Requests { get; } = [];

    /// <exception cref="FormatException">A line is none of the allowed ones, or a request does not say what it expects.</exception>
    public static HttpFile Read(string path) => Parse(path, File.ReadAllText(path));

    /// <exception cref="FormatException">As for <see cref="Read"/>.</exception>
    public static HttpFile Parse(string path, string text)
    {
        var file = new HttpFile(path);
        string[] lines = text.ReplaceLineEndings("\n").Split('\n');
        int next = file.ReadVariables(lines);
        while (next < lines.Length)
            next = file.ReadRequest(lines, next);
        return file.Requests.Count > 0 ? file : throw file.Error(0, "no request");
    }

    /// <summary>Replaces <c>{{…}}</c>.</summary>
    /// <exception cref="FormatException">Nothing is known by the name.</exception>
    public static string Substitute(string text, Func<string, string?> value) => Variable().Replace(
        text, match => value(match.Groups[1].Value) ?? throw new FormatException($"no value for {match.Value}"));

    private int ReadVariables(string[] lines)
    {
        int next = 0;
        for (; next < lines.Length && !lines[next].StartsWith("###", StringComparison.Ordinal); next++)
        {
            string line = lines[next];
            if (line.Length == 0 || (line.StartsWith('#') && !line.StartsWith("# @", StringComparison.Ordinal)))
                continue;
            Match match = Assignment().Match(line);
            if (!match.Success || !Variables.TryAdd(match.Groups[1].Value, match.Groups[2].Value))
                throw Error(next, $"neither a comment, nor a new variable, nor a separator: {line}");
        }

        return next;
    }

    private int ReadRequest(string[] lines, int next)
    {
        string title = lines[next][3..].Trim();
        if (title.Length == 0)
            throw Error(next, "a separator without a title");
        string? name = null;
        Match? expected = null;
        for (next++; next < lines.Length && (lines[next].Length == 0 || lines[next].StartsWith('#')); next++)
        {
            string line = lines[next];
            if (line.StartsWith("###", StringComparison.Ordinal))
                throw Error(next, $"no request under '{title}'");
            if (line.StartsWith("# @name ", StringComparison.Ordinal))
                name = line["# @name ".Length..].Trim();
            else if (line.StartsWith("# Expect:", StringComparison.Ordinal))
                expected = Expectation().Match(line) is { Success: true } match && expected is null ? match : throw Error(next, $"not an expectation: {line}");
            else if (line.StartsWith("# @", StringComparison.Ordinal) || (line.Length > 1 && !line.StartsWith("# ", StringComparison.Ordinal)))
                throw Error(next, $"not supported: {line}");
        }

        int at = next;
        if (at == lines.Length || RequestLine().Match(lines[at]) is not { Success: true } request)
            throw Error(at, $"no request under '{title}'");
        if (expected is null)
            throw Error(at, "no `# Expect: <status>`");
        List<KeyValuePair<string, string>> headers = [];
        for (next++; next < lines.Length && lines[next].Length > 0; next++)
        {
            Match header = Header().Match(lines[next]);
            if (!header.Success)
                throw Error(next, $"not a header: {lines[next]}");
            headers.Add(new(header.Groups[1].Value, header.Groups[2].Value));
        }

        int end = Array.FindIndex(lines, next, line => line.StartsWith("###", StringComparison.Ordinal));
        end = end < 0 ? lines.Length : end;
        string body = string.Join('\n', lines[next..end]).Trim();
        Requests.Add(new HttpFileRequest(
            at + 1,
            title,
            name,
            new HttpMethod(request.Groups[1].Value),
            request.Groups[2].Value,
            headers,
            body.Length == 0 ? null : body,
            (HttpStatusCode)int.Parse(expected.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            expected.Groups[2].Success ? expected.Groups[2].Value : null));
        return end;
    }

    private FormatException Error(int line, string message) => new($"{Name}:{line + 1}: {message}");

    [GeneratedRegex(@"^@([a-z][a-z0-9_]*) = (\S.*)$")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^(GET|POST|PUT|PATCH|DELETE|HEAD) (\S+)$")]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"^([A-Za-z-]+): (\S.*)$")]
    private static partial Regex Header();

    [GeneratedRegex(@"^# Expect: ([1-5]\d\d)(?: ([a-z.+-]+/[a-z.+-]+))?$")]
    private static partial Regex Expectation();

    [GeneratedRegex(@"\{\{([^{}]+)\}\}")]
    private static partial Regex Variable();
}
