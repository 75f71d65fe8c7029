using System.Net;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The built program as a process of its own: its exit codes, signals and folders.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class StartAndStopTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> BadValues => new()
    {
        { "rocksdb-total-memory-size", "abc" },
        { "rocksdb-total-memory-size", "0" },
        { "worker.storage.rocksdb-memory-ratio", "half" },
        { "worker.storage.rocksdb-rebalance-interval", "soon" },
        { "admin.query-engine.memory-size", "-1 MiB" },
        { "default-num-partitions", "none" },
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(BadValues))]
    public async Task A_bad_value_names_key_and_value_and_creates_nothing(string key, string value)
    {
        string baseDirectory = _folder.Inside("data");
        await using ChildProcess program = ServerProcess.Launch(baseDirectory, onLine: null, "--set", $"{key}={value}");

        Assert.Equal(1, await EndAsync(program));
        string line = Assert.Single(program.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(key, line, StringComparison.Ordinal);
        Assert.Contains(value, line, StringComparison.Ordinal);
        Assert.Contains("expected", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(baseDirectory));
    }

    [Fact]
    public async Task A_bad_environment_variable_ends_the_start()
    {
        string baseDirectory = _folder.Inside("data");
        await using ChildProcess program = ServerProcess.LaunchBare(
            new Dictionary<string, string> { ["RESTATE_ADMIN__QUERY_ENGINE__MEMORY_SIZE"] = "lots" }, onLine: null, "--base-dir", baseDirectory);

        Assert.Equal(1, await EndAsync(program));
        Assert.Contains("lots", program.Output, StringComparison.Ordinal);
        Assert.Contains("QUERY", program.Output.ToUpperInvariant(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(baseDirectory));
    }

    [Fact]
    public async Task An_unknown_flag_is_a_usage_error()
    {
        string baseDirectory = _folder.Inside("data");
        await using ChildProcess program = ServerProcess.Launch(baseDirectory, onLine: null, "--no-such-flag");

        Assert.Equal(2, await EndAsync(program));
        Assert.Contains("--no-such-flag", program.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(baseDirectory));
    }

    [Fact]
    public async Task A_second_server_on_a_base_dir_refuses_and_the_first_goes_on()
    {
        await using ServerProcess first = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        await using ChildProcess second = ServerProcess.Launch(_folder.Path, onLine: null);

        Assert.Equal(1, await EndAsync(second));
        Assert.Contains(_folder.Path, second.Output, StringComparison.Ordinal);
        Assert.Contains("another process", second.Output, StringComparison.Ordinal);
        Assert.True(await first.Admin.IsHealthyAsync(Cancelled));
        Assert.Equal(0, await first.StopAsync(Cancelled));
    }

    [Fact]
    public async Task A_taken_port_is_named()
    {
        await using ServerProcess first = await ServerProcess.StartOursAsync(_folder.Inside("one"), Cancelled);
        string address = first.Admin.AdminUri.Authority;
        await using ChildProcess second = ServerProcess.LaunchBare(
            environment: null, onLine: null, "--base-dir", _folder.Inside("two"), "--bind-address", "127.0.0.1:0", "--admin-bind-address", address);

        Assert.Equal(1, await EndAsync(second));
        Assert.Contains(address, second.Output, StringComparison.Ordinal);
        Assert.Contains("admin.bind-address", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_ends_with_0_and_keeps_what_was_acknowledged()
    {
        Installed.RequireSdkService();
        await using SdkService service = await SdkService.StartAsync(Cancelled);
        await using (ServerProcess server = await ServerProcess.StartOursAsync(_folder.Path, Cancelled))
        {
            await server.Admin.RegisterAsync(service.Uri, Cancelled);
            byte[] body = Encoding.UTF8.GetBytes("""{"object_key":"kept","new_state":{"a":[49,50]}}""");
            Assert.Equal(HttpStatusCode.Accepted, await server.Admin.PostStateAsync(body, Cancelled));
            Assert.Equal(0, await server.StopAsync(Cancelled));
        }

        await using ServerProcess again = await ServerProcess.StartOursAsync(_folder.Path, Cancelled);
        JsonElement row = Assert.Single(
            await again.Sql.RowsAsync("select service_name, key, value_utf8 from state where service_key = 'kept'", Cancelled));
        Assert.Equal("""{"service_name":"Counter","key":"a","value_utf8":"12"}""", row.GetRawText());
        Assert.Equal(0, await again.StopAsync(Cancelled));
    }

    private static async Task<int> EndAsync(ChildProcess program)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(Patience);
        return await program.WaitAsync(deadline.Token);
    }
}
