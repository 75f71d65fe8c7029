using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Endpoints.OpenApi;

/// <summary>What the documents of all services have in common: parameters, errors and answers of the ingress.</summary>
internal static class SharedComponents
{
    /// <summary>Parameters by name.</summary>
    public static JsonObject Parameters() => new()
    {
        ["key"] = Parameter("key", "path", "Key of the object or workflow."),
        ["delay"] = Parameter("delay", "query", "Time to wait before the call starts, such as `10s`."),
        ["idempotencyKeyHeader"] = Parameter("idempotency-key", "header", "Calls with the same key run once."),
        ["idempotencyKeyPath"] = Parameter("idempotencyKey", "path", "The idempotency key of the call."),
    };

    /// <summary>Responses by name.</summary>
    public static JsonObject Responses() => new()
    {
        ["GenericError"] = Failure("Error"),
        ["InvocationNotFoundError"] = Failure("There is no such call"),
        ["InvocationNotReadyError"] = Failure("The call has not completed yet"),
        ["Send"] = Answer("The call is accepted", new JsonObject
        {
            ["title"] = "RestateSendResponse",
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["required"] = new JsonArray("invocationId", "status"),
            ["properties"] = new JsonObject
            {
                ["invocationId"] = Text(),
                ["status"] = Text(("enum", new JsonArray("Accepted", "PreviouslyAccepted"))),
                ["executionTime"] = Text(("format", "date-time"), ("description", "When the call starts; there where a delay is used.")),
            },
        }),
    };

    /// <summary>The body of an error of the ingress or of a handler.</summary>
    public static JsonObject Error() => new()
    {
        ["title"] = "RestateError",
        ["description"] = "A final failure, told to the caller.",
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("message", "source"),
        ["properties"] = new JsonObject
        {
            ["code"] = new JsonObject { ["type"] = "number", ["title"] = "error code" },
            ["message"] = Text(("title", "Error message")),
            ["metadata"] = new JsonObject
            {
                ["type"] = "object",
                ["title"] = "Additional metadata map",
                ["additionalProperties"] = Text(),
            },
            ["source"] = Text(
                ("title", "Error source"),
                ("enum", new JsonArray("ingress", "invocation")),
                ("description", "Who failed: the ingress, with a status of HTTP, or the call, with a status its handler chose.")),
            ["stacktrace"] = Text(("title", "Stacktrace of the error")),
        },
    };

    private static JsonObject Parameter(string name, string place, string description) => new()
    {
        ["name"] = name,
        ["in"] = place,
        ["description"] = description,
        ["required"] = place == "path",
        ["schema"] = Text(),
    };

    private static JsonObject Failure(string description) =>
        Answer(description, new JsonObject { ["$ref"] = "#/components/schemas/RestateError" });

    private static JsonObject Answer(string description, JsonObject schema) => new()
    {
        ["description"] = description,
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = schema } },
    };

    private static JsonObject Text(params (string Name, JsonNode Value)[] more)
    {
        var text = new JsonObject { ["type"] = "string" };
        foreach ((string name, JsonNode value) in more)
            text[name] = value;
        return text;
    }
}
