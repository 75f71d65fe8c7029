using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Admin.Tests.Storage.Metadata.Schema;
using Restate.Admin.Tests.Support;
using Restate.Storage.Metadata.Schema;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed class DiscoveryClientTests : IDisposable
{
    private static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary<string, string>.Empty;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 1, 2, 3, TimeSpan.Zero));
    private readonly DiscoveryClient _client;

    public DiscoveryClientTests() =>
        _client = new DiscoveryClient(new DiscoveryOptions { ClusterName = "cluster-a", MaxManifestBytes = 4096 }, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(false, "HTTP/2", "HTTP/2.0")]
    [InlineData(true, "HTTP/1.1", "HTTP/1.1")]
    public async Task Discovers_over_the_version_asked_for(bool http11, string protocol, string stored)
    {
        await using ScriptedEndpoint endpoint = await ScriptedEndpoint.ManifestAsync(
            ScriptedEndpoint.CounterManifest, protocols: http11 ? HttpProtocols.Http1 : HttpProtocols.Http2, sdk: "restate-sdk-typescript/1.17.2");
        Deployment found = await _client.DiscoverAsync(
            SchemaFixture.Uri($"{endpoint.Uri}/base?x=1"), http11, None.Add("authorization", "Bearer z"), None.Add("env", "test"), Cancel);

        Assert.Equal($"GET /base/discover?x=1 {protocol}", endpoint.Last!.Line);
        Assert.Equal("Bearer z", endpoint.Last.Headers["authorization"]);
        Assert.Equal("cluster-a", endpoint.Last.Headers["x-restate-cluster-name"]);
        foreach (int version in new[] { 3, 4 })
            Assert.Contains($"application/vnd.restate.endpointmanifest.v{version}+json", endpoint.Last.Headers["accept"], StringComparison.Ordinal);
        Assert.Equal((stored, 5, 7, "restate-sdk-typescript/1.17.2"), (found.HttpVersion, found.MinProtocolVersion, found.MaxProtocolVersion, found.SdkVersion));
        Assert.Equal((_time.GetUtcNow(), _time.GetUtcNow()), (found.CreatedAt, found.Id.Timestamp));
        Assert.Equal(("Bearer z", "test"), (found.AdditionalHeaders["authorization"], found.Metadata["env"]));
        Assert.Equal("Counter", Assert.Single(found.Services).Name);
    }

    [Fact]
    public async Task An_endpoint_of_http_1_only_is_told_from_one_that_is_not_there()
    {
        await using ScriptedEndpoint endpoint =
            await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest, protocols: HttpProtocols.Http1);
        DiscoveryException refused = await RefusedAsync(endpoint.Uri);
        Assert.Equal((500, "META0014"), (refused.Status, refused.Code));
        Assert.Contains($"error when calling '{endpoint.Uri}/': server possibly supports only HTTP1.1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_hangs_up_at_once_may_speak_http_1_only_whenever_that_is_noticed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task hangUp = Task.Run(
            async () =>
            {
                for (int i = 0; i < 50; i++)
                    (await listener.AcceptTcpClientAsync(Cancel)).Dispose();
            },
            Cancel);
        for (int i = 0; i < 50; i++)
            Assert.Equal("META0014", (await RefusedAsync($"http://{listener.LocalEndpoint}")).Code);
        await hangUp;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_there_is_META0003(bool http11)
    {
        string uri;
        await using (ScriptedEndpoint endpoint = await ScriptedEndpoint.ManifestAsync("{}"))
            uri = endpoint.Uri;
        DiscoveryException refused = await RefusedAsync(uri, http11);
        Assert.Equal((500, "META0003"), (refused.Status, refused.Code));
        Assert.StartsWith($"[META0003] [META0003] error when calling '{uri}/': Connection refused", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "got status code '404 NotFound'. Make sure the provided URI has the correct path")]
    [InlineData(503, "got status code '503 ServiceUnavailable'. Body: not today")]
    public async Task Another_status_is_META0003_with_the_body(int status, string reason)
    {
        await using ScriptedEndpoint endpoint = await ScriptedEndpoint.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("not today", context.RequestAborted);
        });
        DiscoveryException refused = await RefusedAsync(endpoint.Uri);
        Assert.Equal("META0003", refused.Code);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith("Body: not today", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_content_type_is_META0013()
    {
        await using ScriptedEndpoint endpoint = await ScriptedEndpoint.ManifestAsync("<html>", "text/html");
        DiscoveryException refused = await RefusedAsync(endpoint.Uri);
        Assert.Equal("META0013", refused.Code);
        Assert.Contains("Bad content type header: \"text/html\". Expected one of 'application/vnd", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_past_the_limit_is_refused_before_it_is_read_whole()
    {
        await using ScriptedEndpoint endpoint = await ScriptedEndpoint.StartAsync(async context =>
        {
            context.Response.ContentType = ScriptedEndpoint.ManifestV4;
            while (!context.RequestAborted.IsCancellationRequested)
                await context.Response.WriteAsync(new string(' ', 1000), context.RequestAborted);
        });
        DiscoveryException refused = await RefusedAsync(endpoint.Uri);
        Assert.Equal("META0013", refused.Code);
        Assert.Contains("larger than 4096 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_never_answers_is_given_up_at_the_deadline()
    {
        var asked = new TaskCompletionSource();
        await using ScriptedEndpoint endpoint = await ScriptedEndpoint.StartAsync(async context =>
        {
            asked.SetResult();
            var gone = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = context.RequestAborted.Register(gone.SetResult);
            await gone.Task;
        });
        Task<DiscoveryException> refusal = RefusedAsync(endpoint.Uri);
        await asked.Task.WaitAsync(Cancel);
        _time.Advance(TimeSpan.FromSeconds(30));
        DiscoveryException refused = await refusal;
        Assert.Equal("META0003", refused.Code);
        Assert.Contains("no complete answer within 30s", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_exchange()
    {
        var asked = new TaskCompletionSource();
        var aborted = new TaskCompletionSource();
        await using ScriptedEndpoint endpoint = await ScriptedEndpoint.StartAsync(async context =>
        {
            await using CancellationTokenRegistration registration = context.RequestAborted.Register(aborted.SetResult);
            asked.SetResult();
            await aborted.Task;
        });
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task<Deployment> discovery = _client.DiscoverAsync(SchemaFixture.Uri(endpoint.Uri), http11: false, None, None, caller.Token);
        await asked.Task.WaitAsync(Cancel);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => discovery);
        await aborted.Task.WaitAsync(Cancel);
    }

    private Task<DiscoveryException> RefusedAsync(string uri, bool http11 = false) => Assert.ThrowsAsync<DiscoveryException>(
        () => _client.DiscoverAsync(SchemaFixture.Uri(uri), http11, None, None, Cancel));
}
