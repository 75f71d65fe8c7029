using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.EndToEnd.Cli;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Tokens, read-only mode and the audit log of the built program, asked over real sockets and by Restate's own client.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class AccessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string TokenFile => _folder.Inside("tokens");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_route_asks_for_its_scope_and_says_what_is_missing()
    {
        string query = await AddTokenAsync("sql", "query");
        string read = await AddTokenAsync("viewer", "read");
        string admin = await AddTokenAsync("ops", "admin");
        await using ServerProcess server = await StartAsync();
        (string Method, string Path, string? Body, string Needs)[] routes =
        [
            ("GET", "/health", null, "nothing"),
            ("GET", "/openapi", null, "nothing"),
            ("GET", "/swagger/index.html", null, "nothing"),
            ("GET", "/ui/", null, "nothing"),
            ("GET", "/ui/app.js", null, "nothing"),
            ("GET", "/version", null, "any"),
            ("GET", "/v3/version", null, "any"),
            ("POST", "/query", """{"query":"select 1"}""", "query"),
            ("POST", "/QUERY", """{"query":"select 1"}""", "query"),
            ("POST", "/v4/query", """{"query":"select 1"}""", "query"),
            ("GET", "/services", null, "read"),
            ("HEAD", "/services", null, "read"),
            ("GET", "/v2/deployments", null, "read"),
            ("GET", "/memory", null, "read"),
            ("GET", "/config", null, "read"),
            ("GET", "/no/such/route", null, "read"),
            ("PATCH", "/memory/rocksdb", """{"rocksdb-total-memory-size":"1 GiB"}""", "admin"),
            ("PATCH", "/v4/memory/rocksdb", """{"rocksdb-total-memory-size":"1 GiB"}""", "admin"),
            ("POST", "/partitions/0/flush", null, "admin"),
            ("POST", "/memory/rebalance", null, "admin"),
            ("POST", "/services/None/state", """{"object_key":"a","new_state":{}}""", "admin"),
            ("DELETE", "/deployments/dp_10000000000000000000000", null, "admin"),
            ("PUT", "/no/such/route", null, "admin"),
        ];
        foreach ((string method, string path, string? body, string needs) in routes)
        {
            foreach ((string? token, string holds) in new[] { (null, "no token"), ("rst_wrong", "wrong"), (query, "query"), (read, "read"), (admin, "admin") })
            {
                using HttpResponseMessage answer = await SendAsync(server, method, path, body, token);
                bool isOurs = holds is "query" or "read" or "admin";
                bool opens = needs == "nothing" || (isOurs && (needs == "any" || needs == holds || holds == "admin"));
                HttpStatusCode? expected = opens ? null : isOurs ? HttpStatusCode.Forbidden : HttpStatusCode.Unauthorized;
                string what = $"{method} {path} with {holds}: {(int)answer.StatusCode}";
                if (expected is null)
                {
                    Assert.False(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, what);
                    continue;
                }

                Assert.True(answer.StatusCode == expected, what);
                Assert.StartsWith("Bearer", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
                if (method != "HEAD")
                    await AssertErrorAsync(answer, expected == HttpStatusCode.Forbidden ? $"needs the scope {needs}" : "bearer token");
            }
        }

        Assert.DoesNotContain("rst_", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_that_hold_no_token_are_refused()
    {
        string admin = await AddTokenAsync("ops", "admin");
        await using ServerProcess server = await StartAsync();
        foreach (string header in new[] { admin, $"Basic {admin}", "Bearer", "Bearer ", $"Bearer {admin} x", $"Bearer {admin.ToUpperInvariant()}", $"Bearer {new string('a', 5000)}", $"Token {admin}" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/services");
            request.Headers.TryAddWithoutValidation("authorization", header);
            using HttpResponseMessage answer = await server.Admin.Http.SendAsync(request, Cancelled);
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{header}: {answer.StatusCode}");
        }

        foreach (string header in new[] { $"bearer {admin}", $"BEARER   {admin} " })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/services");
            request.Headers.TryAddWithoutValidation("authorization", header);
            using HttpResponseMessage answer = await server.Admin.Http.SendAsync(request, Cancelled);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{header}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task The_file_is_followed_while_the_node_runs()
    {
        string first = await AddTokenAsync("first", "read");
        await using ServerProcess server = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, first));
        File.Delete(TokenFile);
        string second = await AddTokenAsync("second", "read");
        await UntilAsync(async () => await StatusAsync(server, first) == HttpStatusCode.Unauthorized);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(server, second));
        await UntilAsync(() => Task.FromResult(server.Output.Contains("1 are in force", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_wrong_file_of_tokens_ends_the_start()
    {
        await File.WriteAllTextAsync(TokenFile, "ops admin plain-text-secret\n", Cancelled);
        string data = _folder.Inside("data");
        await using ChildProcess program = ServerProcess.Launch(data, onLine: null, "--set", $"admin.auth.token-file={TokenFile}");

        Assert.Equal(1, await program.WaitAsync(Cancelled).WaitAsync(Patience, Cancelled));
        Assert.Contains($"admin.auth.token-file: \"{TokenFile}\", line 1: the third field is not sha256:", program.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("plain-text-secret", program.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task A_read_only_node_answers_reads_and_queries_and_can_be_opened_by_its_file()
    {
        string file = _folder.Inside("restate.toml");
        await File.WriteAllTextAsync(file, "[admin]\nread-only = true\n", Cancelled);
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled, "--config-file", file);
        Assert.Single(await server.Sql.RowsAsync("select 1 as one", Cancelled));
        using (HttpResponseMessage refused = await SendAsync(server, "POST", "/partitions/0/flush", body: null, token: null))
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            await AssertErrorAsync(refused, "admin.read-only = true");
        }

        using (HttpResponseMessage listed = await SendAsync(server, "GET", "/deployments", body: null, token: null))
            Assert.Equal(HttpStatusCode.OK, listed.StatusCode);

        await File.WriteAllTextAsync(file, "[admin]\nread-only = false\n", Cancelled);
        await UntilAsync(async () =>
        {
            using HttpResponseMessage answer = await SendAsync(server, "POST", "/partitions/0/flush", body: null, token: null);
            return answer.StatusCode == HttpStatusCode.Accepted;
        });
        JsonElement reload = (await AuditAsync(server, line => line.GetProperty("action").GetString() == "reload"))[0];
        Assert.Equal("file:" + file, reload.GetProperty("actor").GetString());
        Assert.Equal("true", reload.GetProperty("before").GetProperty("admin.read-only").GetString());
        Assert.Equal("false", reload.GetProperty("after").GetProperty("admin.read-only").GetString());
    }

    [Fact]
    public async Task Changes_are_recorded_with_who_what_before_and_after()
    {
        Installed.RequireSdkService();
        string admin = await AddTokenAsync("ops", "admin");
        string read = await AddTokenAsync("viewer", "read");
        await using SdkService service = await SdkService.StartAsync(Cancelled);
        await using ServerProcess server = await StartAsync();
        (string Method, string Path, string? Body)[] requests =
        [
            ("POST", "/deployments", $$$"""{"uri":"{{{service.Uri}}}","additional_headers":{"x-key":"s3cret"}}"""),
            ("PATCH", "/services/Counter", """{"public":false}"""),
            ("PATCH", "/memory/rocksdb", """{"rocksdb-total-memory-size":"1 GiB"}"""),
            ("POST", "/partitions/3/close", null),
            ("POST", "/services/Counter/state", """{"object_key":"a","new_state":{"k":"hidden value"}}"""),
        ];
        foreach ((string method, string path, string? body) in requests)
        {
            using HttpResponseMessage refused = await SendAsync(server, method, path, body, read);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            using HttpResponseMessage answer = await SendAsync(server, method, path, body, admin);
            Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode}");
        }

        JsonElement[] lines = await AuditAsync(server, _ => true);
        Assert.Equal(requests.Take(4).Select(request => $"{request.Method} {request.Path}"), lines.Select(line => line.GetProperty("action").GetString()));
        Assert.All(lines, line => Assert.Equal("ops", line.GetProperty("actor").GetString()));
        Assert.All(lines, line => Assert.Equal("127.0.0.1", line.GetProperty("remote").GetString()));
        Assert.Equal(JsonValueKind.Null, lines[0].GetProperty("before").ValueKind);
        Assert.Contains(
            "Counter", lines[0].GetProperty("after").GetProperty("services").EnumerateArray().Select(found => found.GetProperty("name").GetString()));
        Assert.True(lines[1].GetProperty("before").GetProperty("public").GetBoolean());
        Assert.False(lines[1].GetProperty("after").GetProperty("public").GetBoolean());
        Assert.Equal(1L << 30, lines[2].GetProperty("after").GetProperty("rocksdb-total-memory-size").GetInt64());
        Assert.Equal(2L << 30, lines[2].GetProperty("before").GetProperty("rocksdb-total-memory-size").GetInt64());
        Assert.Equal("open", lines[3].GetProperty("before").GetProperty("state").GetString());

        string state = Assert.Single(await File.ReadAllLinesAsync(AuditFile(server, "audit-state.log"), Cancelled));
        Assert.Equal("a", JsonDocument.Parse(state).RootElement.GetProperty("after").GetProperty("object_key").GetString());
        string all = state + string.Concat(lines.Select(line => line.GetRawText()));
        Assert.DoesNotContain("s3cret", all, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden value", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_line_client_works_with_a_token_and_says_why_not()
    {
        Installed.RequireCli();
        string both = await AddTokenAsync("dev", "query,read");
        string query = await AddTokenAsync("sql", "query");
        await using ServerProcess server = await StartAsync();
        CliRun listed = await CliAsync(server, both, "services", "list");
        Assert.Equal(0, listed.ExitCode);
        CliRun counted = await CliAsync(server, query, "sql", "select count(*) from state");
        Assert.Equal(0, counted.ExitCode);
        CliRun forbidden = await CliAsync(server, query, "services", "list");
        Assert.Equal(1, forbidden.ExitCode);
        Assert.Contains("the token 'sql' does not open this: it needs the scope read or admin", forbidden.Error, StringComparison.Ordinal);
        CliRun unknown = await CliAsync(server, null, "services", "list");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("401 Unauthorized", unknown.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "without tokens: whoever reaches it can read and change everything. Set admin.auth.token-file")]
    [InlineData(true, "without TLS: its tokens can be read on the way")]
    public async Task A_port_that_others_can_reach_is_warned_of(bool tokens, string warning)
    {
        await AddTokenAsync("ops", "admin");
        string[] more = tokens ? ["--set", $"admin.auth.token-file={TokenFile}"] : [];
        await using ChildProcess program = ServerProcess.LaunchBare(
            environment: null, onLine: null, ["--base-dir", _folder.Inside("data"), "--bind-address", "127.0.0.1:0", "--admin-bind-address", "0.0.0.0:0", .. more]);
        await UntilAsync(() => Task.FromResult(program.Output.Contains("listening admin=", StringComparison.Ordinal)));
        Assert.Contains(warning, program.Output, StringComparison.Ordinal);
        Assert.Single(SecurityWarnings().Matches(program.Output));
    }

    private static async Task<CliRun> CliAsync(ServerProcess server, string? token, params string[] arguments)
    {
        using var home = new TemporaryFolder();
        return await new RestateCli(PeerInstall.At(directory: null).CliProgram, server.Admin.AdminUri, home.Path, editor: "true", token)
            .RunAsync(arguments, Cancelled);
    }

    private static async Task AssertErrorAsync(HttpResponseMessage answer, string message)
    {
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        JsonElement body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancelled)).RootElement;
        Assert.Contains(message, body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, body.GetProperty("restate_code").ValueKind);
    }

    private static async Task<HttpResponseMessage> SendAsync(ServerProcess server, string method, string path, string? body, string? token)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await server.Admin.Http.SendAsync(request, Cancelled);
    }

    private static async Task<HttpStatusCode> StatusAsync(ServerProcess server, string token)
    {
        using HttpResponseMessage answer = await SendAsync(server, "GET", "/services", body: null, token);
        return answer.StatusCode;
    }

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        while (!await reached())
            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
    }

    private string AuditFile(ServerProcess server, string name)
    {
        Assert.False(server.HasExited);
        return Path.Combine(_folder.Inside("data"), "n1", name);
    }

    private async Task<JsonElement[]> AuditAsync(ServerProcess server, Func<JsonElement, bool> wanted) =>
        [.. (await File.ReadAllLinesAsync(AuditFile(server, "audit.log"), Cancelled)).Select(line => JsonDocument.Parse(line).RootElement).Where(wanted)];

    private Task<ServerProcess> StartAsync() =>
        ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled, "--set", $"admin.auth.token-file={TokenFile}");

    /// <summary>Makes a token as an operator does and returns it.</summary>
    private async Task<string> AddTokenAsync(string name, string scopes)
    {
        await using ChildProcess program = ServerProcess.LaunchBare(environment: null, onLine: null, "--create-token", name, "--scopes", scopes);
        Assert.Equal(0, await program.WaitAsync(Cancelled).WaitAsync(Patience, Cancelled));
        string[] lines = program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await File.AppendAllTextAsync(TokenFile, lines[1] + "\n", Cancelled);
        return lines[0];
    }

    [GeneratedRegex("The admin API listens on")]
    private static partial Regex SecurityWarnings();
}
