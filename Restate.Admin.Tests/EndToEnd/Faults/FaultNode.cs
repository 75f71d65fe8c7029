using System.Net;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Faults;

/// <summary>A node whose acknowledged states are remembered, to be compared with what it has after a fault.</summary>
internal sealed class FaultNode : IAsyncDisposable
{
    private readonly string[] _arguments;
    private readonly Dictionary<string, string> _acknowledged = [];
    private ServerProcess? _server;
    private ScriptedEndpoint? _service;

    public FaultNode(string baseDirectory, params string[] more)
    {
        BaseDirectory = baseDirectory;
        _arguments = ["--default-num-partitions", "2", "--set", "rocksdb-total-memory-size=256 MiB", .. more];
    }

    public string BaseDirectory { get; }

    /// <summary>The folder of a database of the node.</summary>
    public string Database(string name) => Path.Combine(BaseDirectory, "n1", name);

    public ServerProcess Server => _server ?? throw new InvalidOperationException("start the node first");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Starts the node; the first time with a service registered.</summary>
    public async Task StartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        _server = await ServerProcess.StartOursAsync(BaseDirectory, environment ?? new Dictionary<string, string>(), Cancelled, _arguments);
        if (_service is not null)
            return;
        _service = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        await _server.Admin.RegisterAsync(new Uri(_service.Uri), Cancelled);
    }

    /// <summary>Starts the program for a start that must fail: exit code 1, and one line of error without a stack trace.</summary>
    public async Task<string> RefusedAsync()
    {
        await using ChildProcess program = ServerProcess.Launch(BaseDirectory, onLine: null, _arguments);
        return await RefusalAsync(program);
    }

    /// <summary>Waits for the end of a start that must fail.</summary>
    public static async Task<string> RefusalAsync(ChildProcess program)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        int code = await program.WaitAsync(deadline.Token);
        string[] errors = [.. program.Output.Split('\n').Where(line => !line.StartsWith('2'))];
        Assert.True(code == 1, $"exit code {code}: {program.Output}");
        return Assert.Single(errors);
    }

    /// <summary>Stops the node, which must end well.</summary>
    public async Task StopAsync()
    {
        Assert.Equal(0, await Server.StopAsync(Cancelled));
        await Server.DisposeAsync();
        _server = null;
    }

    /// <summary>Ends the node with SIGKILL.</summary>
    public async Task KillAsync()
    {
        await Server.KillAsync();
        await Server.DisposeAsync();
        _server = null;
    }

    /// <summary>Posts a state; one that is acknowledged is remembered.</summary>
    public async Task<(HttpStatusCode Status, string Text)> PostAsync(string key, string value)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new { object_key = key, new_state = new { v = value } });
        using HttpResponseMessage answer = await Server.Admin.SendStateAsync("Counter", body, "application/json", Cancelled);
        if (answer.StatusCode == HttpStatusCode.Accepted)
            _acknowledged[key] = value;
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    /// <summary>Posts states that must be acknowledged.</summary>
    public async Task AcknowledgedAsync(string prefix, int count, int bytes = 20)
    {
        for (int i = 0; i < count; i++)
        {
            (HttpStatusCode status, string text) = await PostAsync($"{prefix}-{i}", Text(i, bytes));
            Assert.Equal((HttpStatusCode.Accepted, string.Empty), (status, text));
        }
    }

    /// <summary>Text that does not compress.</summary>
    public static string Text(int seed, int bytes)
    {
        var random = new Random(seed);
        return string.Create(bytes, random, static (span, source) =>
        {
            foreach (ref char c in span)
                c = (char)('a' + source.Next(26));
        });
    }

    /// <summary>Everything acknowledged is there as it was acknowledged, and nothing else but what the caller allows.</summary>
    /// <param name="uncertain">Keys that were answered with an error and may be there.</param>
    public async Task HoldsWhatWasAcknowledgedAsync(IReadOnlySet<string>? uncertain = null)
    {
        // A 202 is a promise that it will be applied, which takes a moment.
        Dictionary<string, string> shown = [];
        for (int attempt = 0; attempt < 100; attempt++)
        {
            shown = (await Server.Sql.RowsAsync("select service_key, value_utf8 from state where service_name = 'Counter'", Cancelled))
                .ToDictionary(row => row.GetProperty("service_key").GetString()!, row => row.GetProperty("value_utf8").GetString()!);
            if (_acknowledged.All(pair => shown.GetValueOrDefault(pair.Key) == pair.Value))
                break;
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancelled);
        }

        string[] lost = [.. _acknowledged.Where(pair => shown.GetValueOrDefault(pair.Key) != pair.Value).Select(pair => pair.Key)];
        string[] strange = [.. shown.Keys.Where(key => !_acknowledged.ContainsKey(key) && uncertain?.Contains(key) != true)];
        Assert.Equal(([], []), (lost, strange));
    }

    /// <summary>Waits until something holds.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> condition, string what, int seconds = 30)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        deadline.CancelAfter(TimeSpan.FromSeconds(seconds));
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"not within {seconds} s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancelled);
        }
    }

    /// <summary>A partition of <c>GET /partitions</c>.</summary>
    public async Task<JsonElement> PartitionAsync(int id) =>
        (await Server.Admin.GetAsync("/partitions", Cancelled)).GetProperty("partitions")[id];

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_service is not null)
            await _service.DisposeAsync();
    }
}
