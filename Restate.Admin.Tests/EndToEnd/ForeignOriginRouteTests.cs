using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Restate.Admin.Api;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Metadata.Schema;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>A page from elsewhere changes nothing, whatever route there is: the routes are asked for and not listed here.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class ForeignOriginRouteTests
{
    private static readonly string[] Reading = ["GET", "HEAD", "OPTIONS"];

    [Fact]
    public async Task No_route_that_may_change_something_takes_a_foreign_origin()
    {
        CancellationToken cancelled = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using RestateNode node = await RestateNode.StartAsync(
        [
            "--base-dir", folder.Inside("node"), "--node-name", "n1", "--bind-address", "127.0.0.1:0", "--admin-bind-address", "127.0.0.1:0",
            "--default-num-partitions", "2",
        ]);
        using var http = new HttpClient { BaseAddress = node.AdminAddress };
        (string Method, string Path)[] routes = [.. node.Application.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
                .Where(method => !Reading.Contains(method))
                .Select(method => (method, "/" + Parameter().Replace(route.RoutePattern.RawText!.TrimStart('/'), "1"))))];
        Assert.True(routes.Length >= 8, $"found {routes.Length} routes");
        SchemaRegistry schema = node.Application.Services.GetRequiredService<SchemaRegistry>();
        uint version = schema.Current.Version;
        foreach ((string method, string path) in routes)
        {
            foreach ((string header, string value) in new[]
            {
                ("origin", "http://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site"),
                ("origin", $"http://evil.example:{node.AdminAddress.Port}"),
            })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                request.Headers.TryAddWithoutValidation(header, value);

                // The last of them is what DNS rebinding looks like: a host of its own that leads here.
                if (value.Contains($":{node.AdminAddress.Port}", StringComparison.Ordinal))
                    request.Headers.Host = new Uri(value).Authority;
                using HttpResponseMessage response = await http.SendAsync(request, cancelled);
                Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{method} {path} with {header}: {value} -> {response.StatusCode}");
            }
        }

        Assert.Equal(version, schema.Current.Version);
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
