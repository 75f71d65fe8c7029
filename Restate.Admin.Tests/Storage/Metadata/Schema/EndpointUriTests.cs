using Restate.Storage.Metadata.Schema;
using Xunit;

namespace Restate.Admin.Tests.Storage.Metadata.Schema;

public sealed class EndpointUriTests
{
    [Theory]
    [InlineData("http://127.0.0.1:9080", "http://127.0.0.1:9080/")]
    [InlineData("HTTP://LocalHost:9080?x=1#part", "http://LocalHost:9080/?x=1")]
    [InlineData("https://[::1]:9080/base/", "https://[::1]:9080/base/")]
    [InlineData("http://user:secret@host/a%20b", "http://user:secret@host/a%20b")]
    public void Keeps_an_address_as_the_peer_does(string text, string kept) => Assert.Equal(kept, SchemaFixture.Uri(text).ToString());

    [Theory]
    [InlineData("localhost", "not absolute")]
    [InlineData("/x", "not absolute")]
    [InlineData("localhost:9080", "not absolute")]
    [InlineData("", "not absolute")]
    [InlineData("http://", "no host")]
    [InlineData("http:///path", "no host")]
    [InlineData("ftp://host/", "scheme 'ftp', only http and https")]
    [InlineData("http://a b/", "not a valid URI")]
    [InlineData("http://host:port/", "not a valid URI")]
    [InlineData("http://höst/", "not a valid URI")]
    public void Says_why_a_text_is_no_address(string text, string reason)
    {
        Assert.False(EndpointUri.TryParse(text, out _, out string? error));
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Contains(text, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://host:1", "http://host:1/discover")]
    [InlineData("http://host:1/base/", "http://host:1/base/discover")]
    [InlineData("http://host:1/base?x=1", "http://host:1/base/discover?x=1")]
    public void Appends_to_the_path(string text, string appended) => Assert.Equal(appended, SchemaFixture.Uri(text).Append("discover"));

    [Theory]
    [InlineData("http://host:1/a", "https://HOST:1/a?x=1", true)]
    [InlineData("http://host:1/a", "http://host:1/A", false)]
    [InlineData("http://host:1/a", "http://host:1/a/", false)]
    [InlineData("http://host:1/a", "http://host:2/a", false)]
    public void Authority_and_path_tell_deployments_apart(string left, string right, bool same) =>
        Assert.Equal(same, SchemaFixture.Uri(left).IsSameEndpoint(SchemaFixture.Uri(right)));
}
