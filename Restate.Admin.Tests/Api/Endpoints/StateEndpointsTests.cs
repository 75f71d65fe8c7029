using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Restate.Admin.Api.Endpoints;
using Restate.Admin.Tests.Storage.Metadata.Schema;
using Restate.Admin.Tests.Storage.Processing;
using Restate.Admin.Tests.Support;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

/// <summary><c>POST /services/{service}/state</c> and the verbs of <c>/partitions</c> over real partitions on a real port.</summary>
internal sealed class StateApplication : IAsyncDisposable
{
    private readonly string _directory = PartitionsUnderTest.NewDirectory();
    private WebApplication _application = null!;
    private SchemaRegistry _schema = null!;

    public PartitionsUnderTest Node { get; private set; } = null!;

    public HttpClient Client { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<StateApplication> StartAsync()
    {
        var started = new StateApplication();
        started.Node = await PartitionsUnderTest.StartAsync(started._directory);
        started._schema = new SchemaRegistry(new InMemoryMetadataStore());
        Deployment deployment = SchemaFixture.Deployment(
            1, "http://127.0.0.1:9080/", SchemaFixture.Service("Counter"), SchemaFixture.Service("Greeter", ServiceType.Service), SchemaFixture.Service("Flow", ServiceType.Workflow));
        await started._schema.RegisterAsync(deployment, new RegistrationOptions(), Cancel);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(started._schema).AddSingleton(started.Node.Partitions).AddSingleton<TimeProvider>(started.Node.Time);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower);
        started._application = builder.Build();
        started._application.UseApiVersions();
        started._application.UseRouting();
        started._application.MapState();
        started._application.MapPartitions();
        await started._application.StartAsync(Cancel);
        started.Client.BaseAddress = new Uri(started._application.Urls.Single());
        return started;
    }

    public async Task<(int Status, string Type, string Text)> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = type.Length == 0 ? null : MediaTypeHeaderValue.Parse(type);
        }

        using HttpResponseMessage response = await Client.SendAsync(request, Cancel);
        return ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString() ?? string.Empty, await response.Content.ReadAsStringAsync(Cancel));
    }

    public Task<(int Status, string Type, string Text)> PostStateAsync(string body, string service = "Counter", string type = "application/json") =>
        SendAsync(HttpMethod.Post, $"/services/{service}/state", body, type);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
        _schema.Dispose();
        await Node.DisposeAsync();
        PartitionsUnderTest.RemoveDirectory(_directory);
    }
}

public sealed class StateEndpointsTests : IAsyncLifetime
{
    private const string Plain = "text/plain; charset=utf-8";
    private const string Json = "application/json";

    private StateApplication _api = null!;

    public async ValueTask InitializeAsync() => _api = await StateApplication.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task A_post_is_accepted_without_a_body_and_its_rows_follow()
    {
        Assert.Equal((202, string.Empty, string.Empty), await _api.PostStateAsync("""{"object_key":"a","new_state":{"x":[104,105],"y":"text"}}"""));
        Assert.Equal(202, (await _api.PostStateAsync("""{"object_key":"a","scope":"s1","new_state":{"x":[1]}}""", "Flow", "application/json; charset=utf-8")).Status);
        Assert.Equal(
            ["1417734710680270745 Counter/a x=hi", "1417734710680270745 Counter/a y=text", "9413875479566793588 @s1 Flow/a x=\\01"],
            await _api.Node.RowsAsync());
        Assert.Equal(202, (await _api.PostStateAsync("""{"object_key":"a","new_state":{}}""")).Status);
        Assert.Single(await _api.Node.RowsAsync());
    }

    [Theory]
    [InlineData("not a version")]
    [InlineData("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU")]
    public async Task A_version_that_does_not_match_is_accepted_and_dropped(string version)
    {
        await _api.PostStateAsync("""{"object_key":"a","new_state":{"x":"1"}}""");
        Assert.Equal(202, (await _api.PostStateAsync($$"""{"object_key":"a","version":"{{version}}","new_state":{"x":"2"} }""")).Status);
        Assert.Equal(["1417734710680270745 Counter/a x=1"], await _api.Node.RowsAsync());
    }

    [Theory]
    [InlineData("Nope", """{"object_key":"a","new_state":{"x":"1"}}""", 404, "The requested service 'Nope' does not exist")]
    [InlineData("Greeter", """{"object_key":"a","new_state":{"x":"1"}}""", 400, "Cannot modify state for service type Service")]
    [InlineData("Greeter", """{"object_key":"a","new_state":{}}""", 400, "Cannot modify state for service type Service")]
    [InlineData("Counter", """{"object_key":"a","new_state":{},"scope":"a b"}""", 500, "bad scope: value contains characters outside the allowed set [a-zA-Z0-9_.-]")]
    [InlineData("Counter", """{"object_key":"a","new_state":{},"scope":"é"}""", 500, "bad scope: value contains characters outside the allowed set [a-zA-Z0-9_.-]")]
    [InlineData("Counter", """{"object_key":"a","new_state":{},"scope":""}""", 500, "bad scope: value cannot be empty")]
    public async Task What_cannot_be_changed_is_refused_with_a_message(string service, string body, int status, string message)
    {
        (int Status, string Type, string Text) answer = await _api.PostStateAsync(body, service);
        Assert.Equal((status, Json, $$"""{"message":"{{message}}","restate_code":null}"""), answer);
        Assert.Empty(await _api.Node.RowsAsync());
    }

    [Fact]
    public async Task Clearing_an_object_of_an_unknown_service_is_accepted() =>
        Assert.Equal(202, (await _api.PostStateAsync("""{"object_key":"a","new_state":{}}""", "Nope")).Status);

    [Theory]
    [InlineData("")]
    [InlineData("text/plain")]
    public async Task A_body_that_is_not_called_json_is_refused(string type) =>
        Assert.Equal((415, Plain, "Expected request with `Content-Type: application/json`"), await _api.PostStateAsync("{}", type: type));

    [Theory]
    [InlineData("", 400, "Failed to parse the request body as JSON: EOF while parsing a value at line 1 column 0")]
    [InlineData("""{"new_state":{}}""", 422, "Failed to deserialize the JSON body into the target type: missing field `object_key` at line 1 column 16")]
    public async Task A_wrong_body_is_refused_as_text(string body, int status, string message) =>
        Assert.Equal((status, Plain, message), await _api.PostStateAsync(body));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_past_the_limit_is_refused_whether_or_not_its_length_is_announced(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/services/Counter/state");
        request.Content = new ByteArrayContent(new byte[33 << 20]);
        if (chunked)
        {
            byte[] body = new byte[33 << 20];
            body.AsSpan().Fill((byte)' ');
            request.Content = new StreamContent(new MemoryStream(body));
            request.Headers.TransferEncodingChunked = true;
        }

        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(Json);
        using HttpResponseMessage response = await _api.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("Failed to buffer the request body: length limit exceeded", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_closed_partition_is_503_with_the_time_to_wait()
    {
        await _api.Node.Partitions.CloseAsync(new PartitionId(0));
        using var content = new StringContent("""{"object_key":"a","new_state":{"x":"1"}}""", Encoding.UTF8, Json);
        using HttpResponseMessage response = await _api.Client.PostAsync("/services/Counter/state", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        Assert.Equal(
            """{"message":"partition 0 is not available: it is closed","restate_code":null}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Other_methods_are_not_allowed() => Assert.Equal(405, (await _api.SendAsync(HttpMethod.Get, "/services/Counter/state")).Status);
}
