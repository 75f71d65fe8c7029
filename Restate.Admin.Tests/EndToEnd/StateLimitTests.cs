using System.Net;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>What a change of state may not be, and who may not make one.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class StateLimitTests(StateServer server) : IClassFixture<StateServer>
{
    [Fact]
    public async Task An_object_key_past_64_KiB_is_refused()
    {
        Installed.RequireSdkService();
        (HttpStatusCode status, _, string text) = await server.PostAsync(
            $$"""{"object_key":"{{new string('k', (64 << 10) + 1)}}","new_state":{"a":[1]} }""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("object_key has 65537 bytes; at most 65536", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_whose_keys_would_outgrow_a_batch_is_refused()
    {
        Installed.RequireSdkService();
        string entries = string.Join(',', Enumerable.Range(0, 5000).Select(i => $"\"{i}\":[]"));
        (HttpStatusCode status, _, string text) = await server.PostAsync(
            $$"""{"object_key":"{{new string('k', 60 << 10)}}","new_state":{{{entries}}} }""");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("at most 64.0 MiB", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", "http://elsewhere.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task A_page_from_elsewhere_cannot_change_anything(string header, string value)
    {
        Installed.RequireSdkService();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/partitions/0/close");
        request.Headers.TryAddWithoutValidation(header, value);
        using HttpResponseMessage answer = await server.Server.Admin.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        string partition = await server.Server.Admin.Http.GetStringAsync("/partitions/0", TestContext.Current.CancellationToken);
        Assert.Contains("\"state\":\"open\"", partition, StringComparison.Ordinal);
    }
}
