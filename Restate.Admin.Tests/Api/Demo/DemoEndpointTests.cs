using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Api.Demo;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Admin.Tests.Storage.Metadata.Schema;
using Restate.Storage.Metadata.Schema;
using Xunit;

namespace Restate.Admin.Tests.Api.Demo;

public sealed class DemoEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_discovered_as_an_object_and_a_workflow()
    {
        await using DemoEndpoint endpoint = await DemoEndpoint.StartAsync(Cancel);
        using var discovery = new DiscoveryClient(new DiscoveryOptions(), new FakeTimeProvider());
        ImmutableSortedDictionary<string, string> none = ImmutableSortedDictionary<string, string>.Empty;
        Deployment found = await discovery.DiscoverAsync(SchemaFixture.Uri(endpoint.Uri.ToString()), http11: false, none, none, Cancel);

        Assert.Equal(
            ["Cart VirtualObject add Exclusive,checkout Exclusive,get Shared", "Order Workflow run Workflow,status Shared"],
            found.Services.Select(service =>
                $"{service.Name} {service.Type} {string.Join(',', service.Handlers.Select(handler => $"{handler.Name} {handler.Type}"))}"));
        Assert.StartsWith("restate-admin-demo/", found.SdkVersion, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/discover", "application/vnd.restate.endpointmanifest.v3+json", 200)]
    [InlineData("GET", "/discover", "application/vnd.restate.endpointmanifest.v2+json", 415)]
    [InlineData("GET", "/health", null, 200)]
    [InlineData("POST", "/invoke/Cart/add", null, 501)]
    [InlineData("GET", "/nothing", null, 404)]
    public async Task Answers_what_it_has_and_says_what_it_has_not(string method, string path, string? accept, int status)
    {
        await using DemoEndpoint endpoint = await DemoEndpoint.StartAsync(Cancel);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(endpoint.Uri, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (accept is not null)
            request.Headers.Accept.ParseAdd(accept);
        using HttpResponseMessage answer = await http.SendAsync(request, Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        string? type = answer.Content.Headers.ContentType?.ToString();
        Assert.Equal((path, status) switch { ("/discover", 200) => accept, ("/health", _) => null, _ => "application/json" }, type);
    }
}
