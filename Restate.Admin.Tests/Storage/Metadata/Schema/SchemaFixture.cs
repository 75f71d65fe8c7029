using System.Collections.Immutable;
using System.Text.Json;
using Restate.Storage.Metadata.Schema;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Metadata.Schema;

/// <summary>Deployments as discovery would find them.</summary>
internal static class SchemaFixture
{
    public static DeploymentId Id(ulong number) => new(new UInt128(0x019ab_0000_0000UL, number));

    public static EndpointUri Uri(string text)
    {
        Assert.True(EndpointUri.TryParse(text, out EndpointUri? uri, out string? error), error);
        return uri;
    }

    public static ServiceSchema Service(string name, ServiceType type = ServiceType.VirtualObject) => new()
    {
        Name = name,
        Type = type,
        Handlers = [new HandlerSchema { Name = "call", Type = type == ServiceType.Service ? null : HandlerType.Exclusive }],
    };

    public static Deployment Deployment(ulong id, string uri, params ImmutableArray<ServiceSchema> services) => new()
    {
        Id = Id(id),
        Uri = Uri(uri),
        ProtocolType = ProtocolType.BidiStream,
        HttpVersion = "HTTP/2.0",
        CreatedAt = new DateTimeOffset(2026, 11, 23, 1, 2, 3, TimeSpan.Zero).AddMilliseconds(id),
        MinProtocolVersion = 5,
        MaxProtocolVersion = 7,
        Services = services,
    };

    /// <summary>A deployment where every setting of the format has a value.</summary>
    public static Deployment Full()
    {
        var retries = new RetryPolicy
        {
            InitialInterval = TimeSpan.FromMilliseconds(250),
            ExponentiationFactor = 1.5f,
            MaxAttempts = 7,
            MaxInterval = TimeSpan.FromSeconds(20),
            OnMaxAttempts = OnMaxAttempts.Kill,
        };
        var handler = new HandlerSchema
        {
            Name = "run",
            Type = HandlerType.Workflow,
            Public = false,
            Documentation = "Runs \"once\" — per key.",
            Metadata = Labels(("owner", "tests")),
            IdempotencyRetention = TimeSpan.FromDays(3),
            JournalRetention = TimeSpan.FromHours(36),
            InactivityTimeout = TimeSpan.FromSeconds(90),
            AbortTimeout = TimeSpan.FromMinutes(5),
            EnableLazyState = true,
            RetryPolicy = retries,
            Input = new PayloadRules { ContentType = "application/json", Required = true, JsonSchema = JsonElement.Parse("""{"type":"object"}""") },
            Output = new PayloadRules { ContentType = "application/json", SetContentTypeIfEmpty = true, JsonSchema = JsonElement.Parse("true") },
        };
        return Deployment(1, "http://127.0.0.1:9080/base?a=1", new ServiceSchema
        {
            Name = "Order",
            Type = ServiceType.Workflow,
            Public = false,
            Documentation = "Orders.",
            Metadata = Labels(("tier", "1"), ("Team", "storage")),
            IdempotencyRetention = TimeSpan.FromHours(12),
            WorkflowCompletionRetention = TimeSpan.FromDays(7),
            JournalRetention = TimeSpan.FromDays(2),
            InactivityTimeout = TimeSpan.FromMinutes(2),
            AbortTimeout = TimeSpan.FromMinutes(20),
            EnableLazyState = false,
            RetryPolicy = retries with { OnMaxAttempts = OnMaxAttempts.Pause },
            Handlers = [handler],
        }) with
        {
            ProtocolType = ProtocolType.RequestResponse,
            HttpVersion = "HTTP/1.1",
            AdditionalHeaders = Labels(("authorization", "Bearer x")),
            Metadata = Labels(("env", "test")),
            SdkVersion = "restate-sdk-typescript/1.17.2",
        };
    }

    private static ImmutableSortedDictionary<string, string> Labels(params (string Key, string Value)[] labels) =>
        labels.ToImmutableSortedDictionary(label => label.Key, label => label.Value, StringComparer.Ordinal);
}
