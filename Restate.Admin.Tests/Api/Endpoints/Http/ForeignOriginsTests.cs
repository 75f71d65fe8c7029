using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Restate.Admin.Api.Endpoints.Http;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints.Http;

public sealed class ForeignOriginsTests
{
    [Theory]
    [InlineData("127.0.0.1:9070", null, null)]
    [InlineData("restate.example.com", null, null)]
    [InlineData("127.0.0.1:9070", "http://127.0.0.1:9070", "same-origin")]
    [InlineData("[::1]:9070", "http://[::1]:9070", null)]
    [InlineData("localhost:9070", "http://localhost:9070", "same-origin")]
    [InlineData("restate:9070", "http://restate:9070", null)]
    [InlineData("restate.default.svc.cluster.local", "http://restate.default.svc.cluster.local", null)]
    [InlineData("host.docker.internal:9070", "http://HOST.docker.internal:9070", null)]
    [InlineData("admin.example.com", "https://admin.example.com", "same-origin")]
    [InlineData("admin.example.com:443", "https://admin.example.com", null)]
    [InlineData("127.0.0.1:9070", null, "none")]
    public void Clients_and_own_pages_may_change_things(string host, string? origin, string? site) =>
        Assert.Null(Refusal("POST", host, origin, site));

    [Theory]
    [InlineData("127.0.0.1:9070", "http://evil.example", null)]
    [InlineData("127.0.0.1:9070", "http://127.0.0.1:3000", "same-site")]
    [InlineData("127.0.0.1:9070", "null", null)]
    [InlineData("127.0.0.1:9070", "", null)]
    [InlineData("127.0.0.1:9070", "file:///x", null)]
    [InlineData("127.0.0.1:9070", null, "cross-site")]
    [InlineData("127.0.0.1:9070", null, "same-site")]
    [InlineData("localhost:9070", "https://localhost", null)]
    [InlineData("evil.example:9070", "http://evil.example:9070", "same-origin")]
    [InlineData("127.0.0.1.evil.example:9070", "http://127.0.0.1.evil.example:9070", null)]
    [InlineData("localhost.evil.example", "http://localhost.evil.example", null)]
    [InlineData("evil.local.example", "http://evil.local.example", null)]
    public void Pages_from_elsewhere_may_not(string host, string? origin, string? site)
    {
        foreach (string method in new[] { "POST", "PUT", "PATCH", "DELETE", "FOO" })
            Assert.NotNull(Refusal(method, host, origin, site));
        foreach (string method in new[] { "GET", "HEAD", "OPTIONS" })
            Assert.Null(Refusal(method, host, origin, site));
    }

    [Fact]
    public void Several_origins_are_none() =>
        Assert.NotNull(ForeignOrigins.Refusal("POST", new HostString("localhost"), new StringValues(["http://localhost", "http://localhost"]), default));

    private static string? Refusal(string method, string host, string? origin, string? site) => ForeignOrigins.Refusal(
        method, new HostString(host), origin is null ? default : new StringValues(origin), site is null ? default : new StringValues(site));
}
