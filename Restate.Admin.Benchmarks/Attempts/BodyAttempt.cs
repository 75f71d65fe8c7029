using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>A request to <c>POST /query</c> whose body is no ordinary one.</summary>
/// <param name="Name">Short name, for reports.</param>
/// <param name="Content">Makes the body; with <see cref="AttemptTargets.Fill"/> for paths in it.</param>
/// <param name="Statuses">Statuses that may come.</param>
internal sealed record BodyAttempt(string Name, Func<AttemptTargets, HttpContent> Content, params int[] Statuses)
{
    private const int MiB = 1 << 20;

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<BodyAttempt> All { get; } =
    [
        Json("10 MB of body", $"{{\"query\":\"select 1\",\"x\":\"{new string('x', 10 * MiB)}\"}}", 413),
        Json("10 MB of spaces", new string(' ', 10 * MiB), 413),
        Json("100,000 brackets", new string('[', 100_000), 400),
        Json("100,000 brackets beside the query", $"{{\"query\":\"select 1\",\"x\":{new string('[', 100_000)}{new string(']', 100_000)}}}", 400),
        Json("100,000 objects inside each other", string.Concat(Enumerable.Repeat("{\"query\":", 100_000)), 400, 422),
        Json("100,000 fields", $"{{{string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"f{i}\":1"))},\"query\":\"select 1\"}}", 200),
        Json("query twice, the second writes", "{\"query\":\"select 1\",\"query\":\"copy (select 1) to '@target@'\"}", 400, 422),
        Json("query twice, the first writes", "{\"query\":\"copy (select 1) to '@target@'\",\"query\":\"select 1\"}", 200, 400, 422),
        Json("query in capitals", "{\"QUERY\":\"select 1\"}", 400, 422),
        Json("query is null", "{\"query\":null}", 400, 422),
        Json("query is a number", "{\"query\":1}", 400, 422),
        Json("query is a list", "{\"query\":[\"select 1\"]}", 400, 422),
        Json("query is an object", "{\"query\":{\"query\":\"select 1\"}}", 400, 422),
        Json("no query", "{}", 400, 422),
        Json("empty body", "", 400, 422),
        Json("null", "null", 400, 422),
        Json("a list", "[1]", 400, 422),
        Json("a text", "\"select 1\"", 400, 422),
        Json("two documents", "{\"query\":\"select 1\"}{\"query\":\"select 2\"}", 400),
        Json("garbage behind", "{\"query\":\"select 1\"}x", 400),
        Json("comment in JSON", "/* x */{\"query\":\"select 1\"}", 400),
        Json("not closed", "{\"query\":\"select 1", 400),
        Json("bad escape", "{\"query\":\"select \\x31\"}", 400),
        Json("lone high surrogate", "{\"query\":\"select '\\ud800'\"}", 400, 422),
        Json("lone low surrogate", "{\"query\":\"select '\\udc00'\"}", 400, 422),
        Json("lone surrogate in a name", "{\"query\":\"select 1 as \\\"\\ud83d\\\"\"}", 400, 422),
        Json("surrogates the wrong way round", "{\"query\":\"select '\\ude00\\ud83d'\"}", 400, 422),
        Json("escaped NUL", "{\"query\":\"select 1\\u0000; copy (select 1) to '@target@'\"}", 400),
        Json("escaped statement", "{\"query\":\"\\u0063opy (select 1) to '@target@'\"}", 400),
        Json("escaped key", "{\"\\u0071uery\":\"copy (select 1) to '@target@'\"}", 400),
        Raw("byte FF in the text", [.. "{\"query\":\"select '"u8, 0xFF, .. "'\"}"u8], "application/json", 400, 422),
        Raw("overlong slash", [.. "{\"query\":\"select '"u8, 0xC0, 0xAF, .. "'\"}"u8], "application/json", 400, 422),
        Raw("overlong quote", [.. "{\"query\":\"select "u8, 0xC0, 0xA7, .. "\"}"u8], "application/json", 400, 422),
        Raw("overlong NUL", [.. "{\"query\":\"select 1"u8, 0xC0, 0x80, .. "\"}"u8], "application/json", 400, 422),
        Raw("surrogate in UTF-8", [.. "{\"query\":\"select '"u8, 0xED, 0xA0, 0x80, .. "'\"}"u8], "application/json", 400, 422),
        Raw("cut UTF-8", [.. "{\"query\":\"select '"u8, 0xF0, 0x9F, .. "'\"}"u8], "application/json", 400, 422),
        Raw("NUL byte", [.. "{\"query\":\"select 1"u8, 0, .. "\"}"u8], "application/json", 400),
        Raw("UTF-16", Encoding.Unicode.GetBytes("{\"query\":\"select 1\"}"), "application/json; charset=utf-16", 400, 415),
        Raw("byte order mark", [0xEF, 0xBB, 0xBF, .. "{\"query\":\"select 1\"}"u8], "application/json", 200, 400),
        Raw("no content type", "{\"query\":\"select 1\"}"u8.ToArray(), null, 415),
        Raw("text/plain", "select 1"u8.ToArray(), "text/plain", 415),
        Raw("text/html", "{\"query\":\"select 1\"}"u8.ToArray(), "text/html", 415),
        Raw("a form", "query=select+1"u8.ToArray(), "application/x-www-form-urlencoded", 415),
        Raw("several parts", "--x\r\n\r\nselect 1\r\n--x--"u8.ToArray(), "multipart/form-data; boundary=x", 415),
        Raw("application/sql", "select 1"u8.ToArray(), "application/sql", 415),
        Raw("a zip", "PK\u0003\u0004"u8.ToArray(), "application/zip", 415),
        new("gzip without being asked", _ => Coded("gzip", Gzip("{\"query\":\"select 1\"}"u8.ToArray())), 200, 400, 415),
        new("gzip of 100 MB of spaces", _ => Coded("gzip", Gzip(Enumerable.Repeat((byte)' ', 100 * MiB).ToArray())), 400, 413, 415),
        new("gzip that is none", _ => Coded("gzip", "{\"query\":\"select 1\"}"u8.ToArray()), 200, 400, 415),
        new("unknown coding", _ => Coded("evil", "{\"query\":\"select 1\"}"u8.ToArray()), 200, 400, 415),
        // 0: the server answers and closes; a client that goes on sending may not see the answer.
        new("chunks without end", _ => Endless(64 << 10, TimeSpan.Zero), 0, 413),
        new("a byte now and then without end", _ => Endless(1, TimeSpan.FromMilliseconds(200)), 0, 400, 408, 413),
    ];

    private static BodyAttempt Json(string name, string text, params int[] statuses) =>
        new(name, targets => Typed(Encoding.UTF8.GetBytes(targets.Fill(text)), "application/json"), statuses);

    private static BodyAttempt Raw(string name, byte[] bytes, string? contentType, params int[] statuses) =>
        new(name, _ => Typed(bytes, contentType), statuses);

    private static ByteArrayContent Typed(byte[] bytes, string? contentType)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        return content;
    }

    private static ByteArrayContent Coded(string coding, byte[] bytes)
    {
        ByteArrayContent content = Typed(bytes, "application/json");
        content.Headers.ContentEncoding.Add(coding);
        return content;
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    private static EndlessContent Endless(int portion, TimeSpan pause)
    {
        var content = new EndlessContent(portion, pause);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
        return content;
    }

    /// <summary>Spaces, portion after portion, until the server ends the connection.</summary>
    private sealed class EndlessContent(int portion, TimeSpan pause) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            byte[] spaces = Enumerable.Repeat((byte)' ', portion).ToArray();
            while (true)
            {
                await stream.WriteAsync(spaces, cancellationToken);
                await stream.FlushAsync(cancellationToken);
                if (pause > TimeSpan.Zero)
                    await Task.Delay(pause, cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
