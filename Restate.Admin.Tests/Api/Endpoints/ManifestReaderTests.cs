using System.Text;
using Restate.Admin.Api.Endpoints.Discovery;
using Restate.Admin.Tests.Support;
using Restate.Storage.Metadata.Schema;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed class ManifestReaderTests
{
    [Fact]
    public void Reads_every_setting_of_a_manifest()
    {
        ManifestContent content = Read(
            """
            {"protocolMode":"REQUEST_RESPONSE","minProtocolVersion":5,"maxProtocolVersion":6,"services":[
              {"name":"Order","ty":"WORKFLOW","documentation":"Orders.","metadata":{"team":"a"},"inactivityTimeout":1000,"abortTimeout":2000,
               "journalRetention":3000,"idempotencyRetention":4000,"enableLazyState":true,"ingressPrivate":true,
               "retryPolicyInitialInterval":5,"retryPolicyMaxInterval":6,"retryPolicyMaxAttempts":7,"retryPolicyExponentiationFactor":1.5,
               "retryPolicyOnMaxAttempts":"PAUSE",
               "handlers":[
                 {"name":"run","ty":"WORKFLOW","workflowCompletionRetention":8000,
                  "input":{"required":true,"contentType":"application/json","jsonSchema":{"title":"In"}},
                  "output":{"contentType":"text/plain","setContentTypeIfEmpty":true}},
                 {"name":"status","ty":"SHARED","documentation":"Reads.","metadata":{"x":"y"},"inactivityTimeout":11,"abortTimeout":12,
                  "journalRetention":13,"idempotencyRetention":14,"enableLazyState":false,"ingressPrivate":true,"retryPolicyMaxAttempts":0,
                  "retryPolicyOnMaxAttempts":"KILL"}]}]}
            """);
        Assert.Equal((ProtocolType.RequestResponse, 5, 6), (content.ProtocolType, content.MinProtocolVersion, content.MaxProtocolVersion));
        ServiceSchema service = Assert.Single(content.Services);
        Assert.Equal(("Order", ServiceType.Workflow, false, "Orders."), (service.Name, service.Type, service.Public, service.Documentation));
        Assert.Equal("a", service.Metadata["team"]);
        Assert.Equal((1, 2, 3, 4, 8), (
            service.InactivityTimeout!.Value.TotalSeconds, service.AbortTimeout!.Value.TotalSeconds, service.JournalRetention!.Value.TotalSeconds,
            service.IdempotencyRetention!.Value.TotalSeconds, service.WorkflowCompletionRetention!.Value.TotalSeconds));
        Assert.True(service.EnableLazyState);
        Assert.Equal(
            new RetryPolicy
            {
                InitialInterval = TimeSpan.FromMilliseconds(5),
                MaxInterval = TimeSpan.FromMilliseconds(6),
                MaxAttempts = 7,
                ExponentiationFactor = 1.5f,
                OnMaxAttempts = OnMaxAttempts.Pause,
            },
            service.RetryPolicy);

        HandlerSchema run = service.FindHandler("run")!;
        Assert.Equal((HandlerType.Workflow, true), (run.Type, run.Public));
        Assert.Equal(("application/json", true, """{"title":"In"}"""), (run.Input!.ContentType, run.Input.Required, run.Input.JsonSchema!.Value.GetRawText()));
        Assert.Equal(("text/plain", true), (run.Output!.ContentType, run.Output.SetContentTypeIfEmpty));
        HandlerSchema status = service.FindHandler("status")!;
        Assert.Equal((HandlerType.Shared, false, "Reads.", "y"), (status.Type, status.Public, status.Documentation, status.Metadata["x"]));
        Assert.Equal((11, 12, 13, 14), (
            status.InactivityTimeout!.Value.TotalMilliseconds, status.AbortTimeout!.Value.TotalMilliseconds,
            status.JournalRetention!.Value.TotalMilliseconds, status.IdempotencyRetention!.Value.TotalMilliseconds));
        Assert.Equal((1u, OnMaxAttempts.Kill), (status.RetryPolicy.MaxAttempts, status.RetryPolicy.OnMaxAttempts));
        Assert.Null(status.Input);
    }

    [Theory]
    [InlineData("SERVICE", null, null)]
    [InlineData("SERVICE", "SHARED", null)]
    [InlineData("VIRTUAL_OBJECT", null, HandlerType.Exclusive)]
    [InlineData("VIRTUAL_OBJECT", "EXCLUSIVE", HandlerType.Exclusive)]
    [InlineData("VIRTUAL_OBJECT", "SHARED", HandlerType.Shared)]
    [InlineData("WORKFLOW", null, HandlerType.Shared)]
    [InlineData("WORKFLOW", "SHARED", HandlerType.Shared)]
    [InlineData("WORKFLOW", "WORKFLOW", HandlerType.Workflow)]
    public void The_type_of_a_handler_follows_from_its_service(string service, string? handler, object? expected) =>
        Assert.Equal(expected, Read(Manifest(service, handler)).Services[0].Handlers[0].Type);

    [Theory]
    [InlineData("SERVICE", "EXCLUSIVE")]
    [InlineData("SERVICE", "WORKFLOW")]
    [InlineData("VIRTUAL_OBJECT", "WORKFLOW")]
    [InlineData("WORKFLOW", "EXCLUSIVE")]
    public void Handlers_that_do_not_fit_their_service_are_refused(string service, string handler)
    {
        DiscoveryException refused = Assert.Throws<DiscoveryException>(() => Read(Manifest(service, handler)));
        Assert.Equal(400, refused.Status);
        Assert.Contains("invalid combination of service type and handler type", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"minProtocolVersion":5,"maxProtocolVersion":7,"services":[]}""", "META0013", "missing protocol mode")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":0,"maxProtocolVersion":7,"services":[]}""", "META0013", "min protocol version must be in [1, 2147483647]")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":7,"maxProtocolVersion":5,"services":[]}""", "META0013", "Received min protocol version '7', max protocol version '5'")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":8,"maxProtocolVersion":9,"services":[]}""", "META0012", "unsupported service protocol versions: [8, 9]")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":1,"maxProtocolVersion":4,"services":[]}""", "META0012", "unsupported service protocol versions: [1, 4]")]
    public void Refuses_versions_it_cannot_speak(string manifest, string code, string reason)
    {
        DiscoveryException refused = Assert.Throws<DiscoveryException>(() => Read(manifest));
        Assert.Equal((500, code), (refused.Status, refused.Code));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json", "invalid JSON literal")]
    [InlineData("null", "expected a map")]
    [InlineData("""{"protocolMode":"TELEPATHY","minProtocolVersion":5,"maxProtocolVersion":7,"services":[]}""", "unknown variant `TELEPATHY`")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7}""", "missing field `services` at line 1")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[{"name":"A"}]}""", "services[0]: missing field `ty`, `handlers` at line 1")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[],"teleport":1}""", "teleport: unknown field at line 1")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[{"name":"a b","ty":"SERVICE","handlers":[]}]}""", "the service name 'a b'")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[{"name":"A","ty":"SERVICE","handlers":[{"name":"b-c"}]}]}""", "the handler name 'b-c'")]
    [InlineData("""{"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[{"name":"A","ty":"THING","handlers":[]}]}""", "unknown variant `THING` for service 'A'")]
    public void Refuses_what_it_cannot_decode_and_shows_it(string manifest, string reason)
    {
        DiscoveryException refused = Assert.Throws<DiscoveryException>(() => Read(manifest));
        Assert.Equal((500, null), (refused.Status, refused.Code));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.EndsWith($"Discovery response: {manifest}", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Restate.Admin", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "ingressPrivate":true,"handlers":[{"name":"h","ingressPrivate":false}] """, "The service A is private, but the h is explicitly set as public")]
    [InlineData(""" "handlers":[{"name":"h","workflowCompletionRetention":1}] """, "h sets the workflow_completion_retention, but it's not a WORKFLOW handler")]
    [InlineData(""" "handlers":[{"name":"h","input":{"contentType":"json"}}] """, "the handler 'h' input content-type is not valid")]
    [InlineData(""" "handlers":[{"name":"h","input":{"contentType":"a/b","jsonSchema":3}}] """, "the json schema for A/h input is invalid: 3")]
    public void Refuses_settings_that_contradict(string rest, string reason)
    {
        DiscoveryException refused = Assert.Throws<DiscoveryException>(() => Read(
            $$"""{"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[{"name":"A","ty":"SERVICE",{{rest}}}]}"""));
        Assert.Equal((400, null), (refused.Status, refused.Code));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_with_one_name_the_later_counts()
    {
        ManifestContent content = Read(
            """
            {"protocolMode":"BIDI_STREAM","minProtocolVersion":5,"maxProtocolVersion":7,"services":[
              {"name":"A","ty":"SERVICE","handlers":[]},
              {"name":"A","ty":"VIRTUAL_OBJECT","handlers":[{"name":"h","ty":"SHARED"},{"name":"h","ty":"EXCLUSIVE"}]}]}
            """);
        ServiceSchema service = Assert.Single(content.Services);
        Assert.Equal((ServiceType.VirtualObject, HandlerType.Exclusive), (service.Type, Assert.Single(service.Handlers).Type));
    }

    [Fact]
    public void A_long_manifest_is_not_repeated_whole()
    {
        DiscoveryException refused = Assert.Throws<DiscoveryException>(() => Read("{" + new string(' ', 100_000)));
        Assert.InRange(refused.Message.Length, 4096, 5000);
    }

    private static string Manifest(string service, string? handler) => ScriptedEndpoint.CounterManifest
        .Replace("VIRTUAL_OBJECT", service, StringComparison.Ordinal)
        .Replace(",\"ty\":\"EXCLUSIVE\"", handler is null ? "" : $",\"ty\":\"{handler}\"", StringComparison.Ordinal);

    private static ManifestContent Read(string manifest) => ManifestReader.Read(Encoding.UTF8.GetBytes(manifest));
}
