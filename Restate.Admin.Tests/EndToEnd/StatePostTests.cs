using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary><c>POST /services/{service}/state</c>, seen by SQL.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class StatePostTests : IClassFixture<StateServer>
{
    private readonly StateServer _server;

    public StatePostTests(StateServer server)
    {
        Installed.RequireSdkService();
        _server = server;
    }

    public static TheoryData<string, string, HttpStatusCode, string> Refused => new()
    {
        { "Counter", """{"object_key":"x","new_state":{"a":[256]}}""", HttpStatusCode.UnprocessableEntity, "u8" },
        { "Counter", """{"object_key":"x","new_state":{"a":[-1]}}""", HttpStatusCode.UnprocessableEntity, "u8" },
        { "Counter", """{"object_key":"x","new_state":{"a":7}}""", HttpStatusCode.UnprocessableEntity, "new_state.a" },
        { "Counter", """{"object_key":"x"}""", HttpStatusCode.UnprocessableEntity, "new_state" },
        { "Counter", """{"new_state":{}}""", HttpStatusCode.UnprocessableEntity, "object_key" },
        { "Counter", """{"object_key":7,"new_state":{}}""", HttpStatusCode.UnprocessableEntity, "object_key" },
        { "Counter", """{"object_key":"x","new_state":""", HttpStatusCode.BadRequest, "Failed to parse the request body as JSON" },
        { "Counter", "", HttpStatusCode.BadRequest, "Failed to parse the request body as JSON" },
        { "Greeter", """{"object_key":"x","new_state":{}}""", HttpStatusCode.BadRequest, "Cannot modify state for service type Service" },
        { "Nope", """{"object_key":"x","new_state":{"a":[1]}}""", HttpStatusCode.NotFound, "Nope" },
        { "Counter", """{"object_key":"x","new_state":{},"scope":"a b"}""", HttpStatusCode.InternalServerError, "bad scope" },
    };

    [Fact]
    public async Task A_post_replaces_the_whole_key_set()
    {
        string target = _server.NewObject();
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{"a":[1],"b":[2],"c":[3]} }""");
        await _server.ShowsAsync(target, "a=01;b=02;c=03");
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{"b":[9],"d":[4]} }""");
        await _server.ShowsAsync(target, "b=09;d=04");
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{} }""");
        await _server.ShowsAsync(target, string.Empty);
    }

    [Fact]
    public async Task Values_are_bytes_or_text()
    {
        string target = _server.NewObject();
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{"array":[0,255,128],"text":"\u00e9\n","empty":[],"none":""} }""");
        await _server.ShowsAsync(target, "array=00ff80;empty=;none=;text=c3a90a");
    }

    [Fact]
    public async Task A_version_that_does_not_match_is_dropped_and_one_that_does_is_applied()
    {
        // SHA-256 over the entries, as the peer's command line client computes it for {count: "10", label: "\"key-a\""}.
        const string Version = "8U92c8XsO-Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeA";
        string target = _server.NewObject();
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{"count":"10","label":"\"key-a\""} }""");
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{"wrong":[1]},"version":"{{Version.Replace('8', '9')}}"}""");
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{"garbage":[1]},"version":"no version"}""");
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{"right":[1]},"version":"{{Version}}"}""");
        // Had one of the wrong ones been applied, the state would not have had the right one's version.
        await _server.ShowsAsync(target, "right=01");
        await _server.AcceptedAsync($$"""{"object_key":"{{target}}","new_state":{"any":[2]},"version":null}""");
        await _server.ShowsAsync(target, "any=02");
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Refuses_what_it_cannot_store(string service, string body, HttpStatusCode status, string named)
    {
        (HttpStatusCode got, _, string text) = await _server.PostAsync(body, service);
        Assert.Equal(status, got);
        Assert.Contains(named, text, StringComparison.Ordinal);
        await _server.ShowsAsync("x", string.Empty);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    public async Task Refuses_a_body_that_does_not_say_it_is_JSON(string? contentType)
    {
        (HttpStatusCode status, string? type, string text) = await _server.PostAsync("""{"object_key":"x","new_state":{}}""", contentType: contentType);
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "text/plain"), (status, type));
        Assert.Equal("Expected request with `Content-Type: application/json`", text);
    }

    [Fact]
    public async Task Accepts_content_type_parameters()
    {
        string target = _server.NewObject();
        (HttpStatusCode status, _, _) = await _server.PostAsync(
            $$"""{"object_key":"{{target}}","new_state":{"a":[1]} }""", contentType: "application/json; charset=utf-8");
        Assert.Equal(HttpStatusCode.Accepted, status);
        await _server.ShowsAsync(target, "a=01");
    }

    [Fact]
    public async Task Clearing_an_unknown_service_is_accepted_as_the_peer_does()
    {
        (HttpStatusCode status, _, _) = await _server.PostAsync("""{"object_key":"x","new_state":{}}""", service: "Nope");
        Assert.Equal(HttpStatusCode.Accepted, status);
    }

    [Fact]
    public async Task GET_is_not_allowed()
    {
        using HttpResponseMessage answer = await _server.Server.Admin.Http.GetAsync(
            $"/services/{SdkService.ObjectName}/state", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["POST"], answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task Refuses_a_body_above_32_MiB()
    {
        string value = new('x', 33 << 20);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/services/{SdkService.ObjectName}/state");
        request.Content = new StringContent(
            $$"""{"object_key":"x","new_state":{"a":"{{value}}"} }""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        // As curl does with large bodies: without it the answer may come while the body is still being sent.
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage answer = await _server.Server.Admin.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        await _server.ShowsAsync("x", string.Empty);
    }
}
