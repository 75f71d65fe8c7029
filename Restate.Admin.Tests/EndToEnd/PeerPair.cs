using System.Net;
using System.Text;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Our server and the peer with the same services and the same posts. Empty where the peer or the SDK is not installed.</summary>
public sealed class PeerPair : IAsyncLifetime
{
    internal static readonly PostLoad Load = new(Posts: 120, Keys: 40);

    /// <summary>State whose values are JSON, and one that only looks like it: what the functions on JSON are asked about.</summary>
    private static readonly (string Key, string Value)[] Documents =
    [
        ("cart", """{"items":[{"sku":"a","qty":2},{"sku":"b","qty":1}],"total":12.5,"paid":true,"note":null,"user":{"name":"Ann"}}"""),
        ("num", "42"),
        ("text", "\"hello\""),
        ("list", "[1,2,3]"),
        ("none", "null"),
        ("plain", "not json"),
        ("flag", "false"),
        ("float", "1.5"),
    ];

    private TemporaryFolder? _folder;
    private SdkService? _service;
    private ServerProcess? _ours;
    private ServerProcess? _peer;

    internal ServerProcess Ours => _ours ?? throw new InvalidOperationException("ask Installed.RequirePeer() first");

    internal ServerProcess Peer => _peer ?? throw new InvalidOperationException("ask Installed.RequirePeer() first");

    public async ValueTask InitializeAsync()
    {
        var install = PeerInstall.At(directory: null);
        if (!install.IsPresent || !SdkService.IsInstalled)
            return;
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        _folder = new TemporaryFolder();
        _service = await SdkService.StartAsync(cancelled);
        _ours = await ServerProcess.StartOursAsync(_folder.Inside("ours"), cancelled);
        _peer = await ServerProcess.StartPeerAsync(install, _folder.Inside("peer"), cancelled);
        byte[][] bodies = Load.BuildBodies();
        foreach (ServerProcess server in new[] { _ours, _peer })
        {
            await server.ServesPartitionsAsync(cancelled);
            await server.Admin.RegisterAsync(_service.Uri, cancelled);
            await Load.RunAsync(server, bodies, cancelled);
            await PostDocumentsAsync(server, cancelled);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_ours is not null)
            await _ours.DisposeAsync();
        if (_peer is not null)
            await _peer.DisposeAsync();
        if (_service is not null)
            await _service.DisposeAsync();
        _folder?.Dispose();
    }

    private static async Task PostDocumentsAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        string state = string.Join(',', Documents.Select(document =>
            $"\"{document.Key}\":[{string.Join(',', Encoding.UTF8.GetBytes(document.Value))}]"));
        byte[] body = Encoding.UTF8.GetBytes("{\"object_key\":\"json\",\"new_state\":{" + state + "}}");
        using HttpResponseMessage answer = await server.Admin.SendStateAsync(SdkService.ObjectName, body, "application/json", cancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        while (await server.Sql.CountAsync(cancellationToken) != Load.Rows + Documents.Length)
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
    }
}
