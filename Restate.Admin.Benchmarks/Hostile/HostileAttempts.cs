using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Restate.Admin.Benchmarks.Hostile;

/// <summary>The list: access, sizes, paths and broken framing. What takes many connections is in <see cref="HostileCrowds"/>.</summary>
internal static class HostileAttempts
{
    private const long TenMegabytes = 10_000_000;
    private const long Gigabyte = 1_000_000_000;
    private const string Json = "content-type: application/json\r\n";

    private static readonly byte[] Part = Enumerable.Repeat((byte)'a', 64 << 10).ToArray();

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HostileAttempt> All { get; } = [.. Access(), .. Heads(), .. Bodies(), .. Paths(), .. Framing(), .. HostileCrowds.All];

    private static IEnumerable<HostileAttempt> Access() =>
    [
        Request("GET /services without a token", "401", (_, _) => "GET /services HTTP/1.1\r\nhost: a\r\n\r\n"),
        Request("GET /services with a wrong token", "401", (_, _) => "GET /services HTTP/1.1\r\nhost: a\r\nauthorization: Bearer rst_no\r\n\r\n"),
        Request("PATCH /memory/rocksdb with a token to read", "403", (target, _) => Head(target.ReadToken, "PATCH /memory/rocksdb", Json + "content-length: 2\r\n") + "{}"),
        Request("POST /query with a token to read", "403", (target, _) => Head(target.ReadToken, "POST /query", Json + "content-length: 2\r\n") + "{}"),
        Request("POST /memory/rebalance from a foreign page", "403", (target, _) => Head(target.AdminToken, "POST /memory/rebalance", "origin: http://evil.example\r\ncontent-length: 0\r\n")),
        Request("the same with its name made to point here", "403", (target, _) =>
            $"POST /memory/rebalance HTTP/1.1\r\nhost: evil.example\r\nauthorization: Bearer {target.AdminToken}\r\norigin: http://evil.example\r\ncontent-length: 0\r\n\r\n"),
    ];

    private static IEnumerable<HostileAttempt> Heads()
    {
        foreach ((string port, Func<HostileTarget, Uri> address) in Ports())
        {
            yield return Stream($"one header of 10 MB, {port} port", "431", address, _ => "GET /health HTTP/1.1\r\nhost: a\r\nx: ", TenMegabytes);
            yield return Stream($"headers of 10 MB in lines, {port} port", "431", address, _ => "GET /health HTTP/1.1\r\nhost: a\r\n", TenMegabytes, "x-header: value\r\n");
            yield return Stream($"a request line of 10 MB, {port} port", "414", address, _ => "GET /", TenMegabytes);
        }
    }

    private static IEnumerable<HostileAttempt> Bodies()
    {
        string[] routes = ["POST /query", "POST /deployments", "PATCH /memory/rocksdb", "PATCH /config/log", "POST /services/Counter/state", "DELETE /deployments/dp_1"];
        foreach (string route in routes)
        {
            // A posted state may have 32 MiB: it is read, and refused for what it is.
            yield return Stream($"{route} with 10 MB", "413 400 422", target => target.Admin, target => Head(target.AdminToken, route, $"{Json}content-length: {TenMegabytes}\r\n"), TenMegabytes);
            yield return Stream($"{route} with 1 GB", "413 400", target => target.Admin, target => Head(target.AdminToken, route, $"{Json}content-length: {Gigabyte}\r\n"), Gigabyte);
            yield return Stream(
                $"{route} with 1 GB in chunks", "413 400 422", target => target.Admin,
                target => Head(target.AdminToken, route, $"{Json}transfer-encoding: chunked\r\n"), Gigabyte, $"10000\r\n{new string('a', 0x10000)}\r\n");
            yield return Request(
                $"{route} with 1 GB announced and Expect: 100-continue", "413 400",
                (target, _) => Head(target.AdminToken, route, $"{Json}expect: 100-continue\r\ncontent-length: {Gigabyte}\r\n"));
        }

        yield return Stream("GET /version with 1 GB in chunks", "200", target => target.Admin, target => Head(target.AdminToken, "GET /version", "transfer-encoding: chunked\r\n"), Gigabyte, $"10000\r\n{new string('a', 0x10000)}\r\n");
        yield return Stream("GET /metrics with 1 GB in chunks, node port", "200", target => target.Node, _ => "GET /metrics HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n", Gigabyte, $"10000\r\n{new string('a', 0x10000)}\r\n");
        yield return Stream("POST /health with 1 GB, node port", "405 413", target => target.Node, _ => $"POST /health HTTP/1.1\r\nhost: a\r\ncontent-length: {Gigabyte}\r\n\r\n", Gigabyte);
        yield return new HostileAttempt("POST /query with a gzip bomb of 1 GB", "415", async (target, stop) =>
        {
            using var packed = new MemoryStream();
            await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                for (long written = 0; written < Gigabyte; written += Part.Length)
                    await gzip.WriteAsync(Part, stop);
            }

            string head = Head(target.AdminToken, "POST /query", $"{Json}content-encoding: gzip\r\ncontent-length: {packed.Length}\r\n");
            return (await HostileClient.SendAsync(target.Admin, head, [packed.ToArray()], stop)).Status;
        });
    }

    private static IEnumerable<HostileAttempt> Paths()
    {
        string[] paths =
        [
            "/ui/../../etc/passwd", "/ui/..%2f..%2fetc/passwd", "/ui/%2e%2e/%2e%2e/etc/passwd", "/ui/..%5c..%5cetc/passwd", "/ui//etc/passwd", "/ui/%252e%252e/etc/passwd",
            "/swagger/../../etc/passwd", "/swagger/..%2f..%2fetc/passwd", "//etc/passwd", "/../../../../etc/passwd", "/swagger/%c0%ae%c0%ae/etc/passwd",
        ];
        foreach (string path in paths)
        {
            yield return new HostileAttempt("GET " + path, "404 400", async (target, stop) =>
            {
                HostileAnswer answer = await HostileClient.SendAsync(target.Admin, Head(target.AdminToken, "GET " + path, string.Empty), body: null, stop);
                return answer.Text.Contains("root:", StringComparison.Ordinal) ? "read" : answer.Status;
            });
        }

        yield return Request("GET with a zero byte in its path", "400 404", (target, _) => Head(target.AdminToken, "GET /a%00b", string.Empty));
        yield return new HostileAttempt("line breaks in a path, to add a header to the answer", "404 400", async (target, stop) =>
        {
            HostileAnswer answer = await HostileClient.SendAsync(
                target.Admin, Head(target.AdminToken, "GET /services/a%0d%0ax-injected:%201%0d%0a", string.Empty), body: null, stop);
            return answer.Text.Split("\r\n\r\n")[0].Contains("\nx-injected", StringComparison.OrdinalIgnoreCase) ? "injected" : answer.Status;
        });
    }

    private static IEnumerable<HostileAttempt> Framing()
    {
        const string Smuggled = "GET /config HTTP/1.1\r\nhost: a\r\n\r\n";
        yield return Smuggling("both lengths (CL.TE)", $"content-length: {5 + Smuggled.Length}\r\ntransfer-encoding: chunked\r\n", "0\r\n\r\n" + Smuggled);
        yield return Smuggling("both lengths (TE.CL)", "transfer-encoding: chunked\r\ncontent-length: 4\r\n", "0\r\n\r\n" + Smuggled);
        yield return Smuggling("two content-lengths", $"content-length: 0\r\ncontent-length: {Smuggled.Length}\r\n", Smuggled);
        yield return Smuggling("a coding that hides (xchunked)", $"transfer-encoding: xchunked\r\ncontent-length: {Smuggled.Length}\r\n", Smuggled);
        yield return Smuggling("a blank before the colon", $"transfer-encoding : chunked\r\ncontent-length: {Smuggled.Length}\r\n", Smuggled);
        yield return Smuggling("a line that is folded", $"x: y\r\n transfer-encoding: chunked\r\ncontent-length: {Smuggled.Length}\r\n", Smuggled);
        yield return Request("no host", "400", (_, _) => "GET /health HTTP/1.1\r\n\r\n");
        yield return Request("two hosts", "400", (_, _) => "GET /health HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n");
        yield return Request("a zero byte in a header", "400", (_, _) => "GET /health HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n\r\n");
        yield return Request("the preface of HTTP/2 on a plain port", "400 closed", (_, _) => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        yield return Request("bytes that are no HTTP", "400 closed", (_, _) => "\u0016\u0003\u0001\u0002\0\u0001\0\r\n\r\n");
        yield return Request("a chunk of negative size", "400", (target, _) => Head(target.AdminToken, "POST /query", Json + "transfer-encoding: chunked\r\n") + "-1\r\n\r\n");
        yield return Request("a chunk past any number", "400", (target, _) => Head(target.AdminToken, "POST /query", Json + "transfer-encoding: chunked\r\n") + "ffffffffffffffff\r\n\r\n");
        yield return Stream(
            "chunks of one byte with long extensions", "400 413", target => target.Admin,
            target => Head(target.AdminToken, "POST /query", Json + "transfer-encoding: chunked\r\n"), Gigabyte, $"1;{new string('e', 4000)}\r\na\r\n");
        yield return Stream(
            "a chunk extension without end", "400 413", target => target.Admin,
            target => Head(target.AdminToken, "POST /query", Json + "transfer-encoding: chunked\r\n") + "1;", Gigabyte);
    }

    private static IEnumerable<(string Port, Func<HostileTarget, Uri> Address)> Ports() => [("admin", target => target.Admin), ("node", target => target.Node)];

    private static string Head(string token, string route, string more) => $"{route} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n{more}\r\n";

    private static HostileAttempt Request(string name, string expected, Func<HostileTarget, CancellationToken, string> request) => new(
        name, expected, async (target, stop) => (await HostileClient.SendAsync(target.Admin, request(target, stop), body: null, stop)).Status);

    private static HostileAttempt Smuggling(string name, string headers, string body) => new(name, "400 401 415 501", async (target, stop) =>
    {
        HostileAnswer answer = await HostileClient.SendAsync(target.Admin, Head("rst_no", "POST /query", Json + headers) + body, body: null, stop);
        return answer.Count > 1 ? "smuggled" : answer.Status;
    });

    private static HostileAttempt Stream(
        string name, string expected, Func<HostileTarget, Uri> address, Func<HostileTarget, string> head, long bytes, string? piece = null) =>
        new(name, expected, async (target, stop) =>
        {
            HostileAnswer answer = await HostileClient.SendAsync(address(target), head(target), Parts(bytes, piece), stop);
            return string.Create(CultureInfo.InvariantCulture, $"{answer.Status} after {answer.SentText}");
        });

    private static IEnumerable<ReadOnlyMemory<byte>> Parts(long bytes, string? piece)
    {
        byte[] part = piece is null ? Part : Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(piece, Math.Max(1, Part.Length / piece.Length))));
        for (long sent = 0; sent < bytes; sent += part.Length)
            yield return part.AsMemory(0, (int)Math.Min(part.Length, bytes - sent));
    }
}
