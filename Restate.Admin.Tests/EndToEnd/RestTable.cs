namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The requests that are compared, in an order that tells a story: nothing registered, registered, changed, gone.</summary>
internal static class RestTable
{
    private const string OwnVersion = "our own version stands in a field of its own, and there is no ingress here";
    private const string NamesTheField = "the message names the field, its value and what is allowed instead of the peer's types";
    private const string RefusesMistakes = "the peer ignores a field of the wrong type here and does nothing; a mistake is refused instead";
    private const string NoLambda = "AWS Lambda functions are not called";
    private const string SystemText = "the text is that of another HTTP client";
    private const string OwnWords = "descriptions are our own, and no server is named because there is no ingress";

    /// <summary>Fields of OpenAPI documents that are prose, or name an ingress.</summary>
    private static readonly string[] Prose = ["description", "example", "servers", "externalDocs"];

    private static readonly RestRow[] Conventions =
    [
        new("GET", "/health"), new("HEAD", "/health"), new("GET", "/v2/health"), new("GET", "/v3/health"), new("GET", "/v4/health"),
        new("GET", "/version") { OtherFields = ["admin_version", "ingress_endpoint"], Reason = OwnVersion },
        new("HEAD", "/version"), new("GET", "/cluster-health"), new("GET", "/v4/cluster-health"),
        new("GET", "/"), new("GET", "/v4"), new("GET", "/ui"), new("GET", "/ui?x=1"),
        new("GET", "/v4/"), new("GET", "/v1"), new("GET", "/v1/deployments"), new("GET", "/v5/deployments"), new("GET", "/nothing"),
        new("GET", "/health/"), new("GET", "/deployments/"), new("POST", "/query/", "{}"),
        new("POST", "/health"), new("PUT", "/version"), new("OPTIONS", "/deployments"), new("FOO", "/health"),
        new("DELETE", "/deployments"), new("PUT", "/deployments"), new("POST", "/deployments/dp_1"), new("DELETE", "/services/Counter"),
        new("PUT", "/services/Counter"), new("POST", "/services/Counter/handlers"), new("POST", "/services/Counter/openapi"),
        new("GET", "/query"), new("GET", "/services/Counter/state"),
    ];

    private static readonly RestRow[] Codings =
    [
        .. new[] { "gzip", "br", "zstd", "gzip, deflate, br, zstd", "gzip;q=1.0, zstd;q=0.5", "br;q=0.5, gzip;q=0.5", "identity", "*", "gzip;q=0", "x-gzip", "GZIP" }
            .Select(accept => new RestRow("GET", "/version") { AcceptEncoding = accept, OtherFields = ["admin_version", "ingress_endpoint"], Reason = OwnVersion }),
        new("GET", "/services/Nope") { AcceptEncoding = "gzip" }, new("GET", "/health") { AcceptEncoding = "gzip" },
        new("GET", "/deployments") { AcceptEncoding = "gzip" }, new("GET", "/v1/x") { AcceptEncoding = "gzip" },
    ];

    private static readonly RestRow[] Registration =
    [
        new("GET", "/deployments"), new("GET", "/services"),
        new("POST", "/deployments", "{}") { Type = "" }, new("POST", "/deployments", "{}") { Type = "text/plain" },
        new("POST", "/deployments", "{") { OtherText = true, Reason = SystemText },
        new("POST", "/deployments", "{}") { OtherText = true, Reason = NamesTheField },
        new("POST", "/deployments", "[]") { OtherText = true, Reason = NamesTheField },
        new("POST", "/deployments", """{"uri":5}""") { OtherText = true, Reason = NamesTheField },
        new("POST", "/deployments", """{"uri":"{base}","force":"x"}""") { OtherText = true, Reason = NamesTheField },
        new("POST", "/deployments", """{"uri":"localhost"}"""), new("POST", "/deployments", """{"uri":"/x"}"""),
        new("POST", "/deployments", """{"uri":"http://127.0.0.1:1"}""") { OtherFields = ["message"], Reason = SystemText },
        new("POST", "/deployments", """{"uri":"{base}","dry_run":true,"metadata":{"a":"b"}}"""), new("GET", "/deployments"),
        new("POST", "/deployments", """{"uri":"{base}","metadata":{"a":"b"},"additional_headers":{"X-Y":"z"}}"""),
        new("GET", "/deployments"), new("GET", "/deployments/{id}"), new("GET", "/v2/deployments/{id}"), new("HEAD", "/deployments/{id}"),
        new("POST", "/deployments", """{"uri":"{base}"}"""), new("POST", "/v2/deployments", """{"uri":"{base}","force":false}"""),
        new("POST", "/v2/deployments", """{"uri":"{base}","metadata":{"a":"c"}}"""), new("POST", "/v3/deployments", """{"uri":"{base}"}"""),
        new("POST", "/deployments", """{"uri":"{base}","force":true,"metadata":{"a":"d"}}"""), new("GET", "/deployments/{id}"),
        new("GET", "/deployments/bogus"), new("GET", "/deployments/dp_bogus"), new("GET", "/deployments/dp_131VxC8Dz7iarncvzEBhjDX"),
    ];

    private static readonly RestRow[] Services =
    [
        new("GET", "/services"), new("GET", "/services/Counter"), new("GET", "/services/Order"), new("GET", "/services/Nope"),
        new("GET", "/services/Greeter/handlers"), new("GET", "/services/Greeter/handlers/configured"), new("GET", "/services/Nope/handlers"),
        new("GET", "/services/Counter/handlers/nope"), new("GET", "/services/Nope/handlers/nope"), new("GET", "/services/Nope/openapi"),
        .. new[] { "Greeter", "Counter", "Order", "Plain" }
            .Select(name => new RestRow("GET", $"/services/{name}/openapi") { OtherFields = Prose, Reason = OwnWords }),
        new("PATCH", "/services/Order", """{"public":true,"idempotency_retention":"5 hours","workflow_completion_retention":"2 days","journal_retention":"P1D","inactivity_timeout":"90s","abort_timeout":"PT1H"}"""),
        new("GET", "/services/Order"), new("PATCH", "/services/Order", "{}"), new("PATCH", "/services/Order", """{"public":null,"abort_timeout":null}"""),
        new("PATCH", "/services/Counter", """{"abort_timeout":"soon"}""") { OtherText = true, Reason = NamesTheField },
        new("PATCH", "/services/Counter", """{"public":"x"}""") { OtherText = true, Reason = NamesTheField },
        new("PATCH", "/services/Counter", """{"workflow_completion_retention":"1d"}"""), new("PATCH", "/services/Nope", """{"public":true}"""),
        new("PATCH", "/services/Nope", "{}"), new("PATCH", "/services/Counter", "{}") { Type = "text/plain" },
        new("PATCH", "/services/Counter", """{"public":false}"""), new("GET", "/services/Counter/handlers"),
        new("GET", "/services/Counter/openapi") { OtherFields = Prose, Reason = OwnWords },
        new("PATCH", "/services/Counter", """{"public":true}"""), new("GET", "/services/Counter/handlers/add"),
    ];

    private static readonly RestRow[] Changes =
    [
        new("PATCH", "/deployments/{id}", "{}"), new("PATCH", "/deployments/{id}", """{"overwrite":true}"""),
        new("PATCH", "/deployments/{id}", """{"use_http_11":true}"""), new("PATCH", "/deployments/{id}", """{"uri":null,"additional_headers":null}"""),
        new("PATCH", "/deployments/{id}", """{"overwrite":null}""") { OtherText = true, Reason = NamesTheField },
        new("PATCH", "/deployments/{id}", "[]") { OtherText = true, Reason = NamesTheField },
        new("PATCH", "/deployments/{id}", """{"uri":5}""") { OtherStatus = true, Reason = RefusesMistakes },
        new("PATCH", "/deployments/{id}", """{"uri":"localhost"}"""), new("PATCH", "/deployments/{id}", "{}") { Type = "text/plain" },
        new("PATCH", "/deployments/{id}", """{"uri":"http://127.0.0.1:1"}""") { OtherFields = ["message"], Reason = SystemText },
        new("PATCH", "/deployments/{id}", """{"assume_role_arn":"x"}""") { OtherStatus = true, Reason = NoLambda },
        new("PATCH", "/deployments/{id}", """{"additional_headers":{"A-b":"c"},"dry_run":true}"""), new("GET", "/deployments/{id}"),
        new("PATCH", "/deployments/{id}", """{"additional_headers":{"A-b":"c"}}"""), new("GET", "/deployments/{id}"),
        new("PATCH", "/deployments/{id}", """{"additional_headers":{}}"""),
        new("PATCH", "/deployments/{id}", """{"uri":"{next}"}"""), new("GET", "/deployments/{id}"), new("GET", "/services"),
        new("PATCH", "/deployments/{id}", """{"uri":"{next}","overwrite":true,"dry_run":true}"""),
        new("PATCH", "/deployments/{id}", """{"uri":"{next}","overwrite":true}"""), new("GET", "/services"),
        new("PATCH", "/deployments/{id}", """{"uri":"{shrunk}"}"""), new("PATCH", "/deployments/{id}", """{"uri":"{shrunk}","overwrite":true}"""),
        new("GET", "/services/Order"), new("PATCH", "/deployments/{id}", """{"uri":"{base}","overwrite":true}"""), new("GET", "/services/Order"),
        new("PATCH", "/deployments/dp_131VxC8Dz7iarncvzEBhjDX", "{}"), new("PATCH", "/deployments/bogus", "{}"),
        new("PUT", "/deployments/{id}", "{}"), new("PUT", "/v3/deployments/{id}", "{}"), new("PUT", "/v2/deployments/{id}", "{}"),
        new("DELETE", "/deployments/{id}"), new("DELETE", "/deployments/{id}?force=false"), new("DELETE", "/deployments/{id}?force=x"),
        new("DELETE", "/deployments/dp_131VxC8Dz7iarncvzEBhjDX?force=true"), new("DELETE", "/deployments/{id}?force=true"),
        new("GET", "/deployments/{id}"), new("DELETE", "/deployments/{id}?force=true"), new("GET", "/deployments"), new("GET", "/services"),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RestRow> Rows { get; } = [.. Conventions, .. Registration, .. Codings, .. Services, .. Changes];
}
