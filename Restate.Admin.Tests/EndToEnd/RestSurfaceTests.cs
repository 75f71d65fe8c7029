using System.Text;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>A table of requests, each sent to our server and to Restate itself: the answers are the same but for the listed differences.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class RestSurfaceTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _started = [];

    public RestSurfaceTests()
    {
        Installed.RequireSdkService();
        Installed.RequirePeer();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable started in _started)
            await started.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Every_request_of_the_table_is_answered_as_the_peer_answers_it()
    {
        var names = new Dictionary<string, string>();
        foreach (string variant in new[] { "base", "next", "shrunk" })
        {
            SdkService sdk = await SdkService.StartAsync(Cancel, "--variant", variant);
            _started.Add(sdk);
            names[variant] = sdk.Uri.ToString().TrimEnd('/');
        }

        ServerProcess ours = await ServerProcess.StartOursAsync(_folder.Inside("ours"), Cancel, "--default-num-partitions", "4");
        _started.Add(ours);
        ServerProcess peer = await ServerProcess.StartPeerAsync(PeerInstall.At(directory: null), _folder.Inside("peer"), Cancel);
        _started.Add(peer);
        using HttpClient ourHttp = Connect(ours);
        using HttpClient theirHttp = Connect(peer);
        var (our, their) = (new RestClient(ourHttp, names), new RestClient(theirHttp, names));

        var report = new StringBuilder();
        foreach (RestRow row in RestTable.Rows)
        {
            RestAnswer expected = await their.SendAsync(row, Cancel);
            RestAnswer actual = await our.SendAsync(row, Cancel);
            if (actual != expected)
                report.AppendLine($"{row.Method} {row.Path} {row.Body}\n  peer: {expected}\n  ours: {actual}");
        }

        Assert.True(RestTable.Rows.Count >= 60, $"the table has {RestTable.Rows.Count} rows");
        Assert.True(report.Length == 0, report.ToString());
    }

    private static HttpClient Connect(ServerProcess server) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Admin.Http.BaseAddress };
}
