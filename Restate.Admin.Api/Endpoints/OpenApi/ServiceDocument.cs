using System.Text.Json;
using System.Text.Json.Nodes;
using Restate.Storage.Metadata.Schema;

namespace Restate.Admin.Api.Endpoints.OpenApi;

/// <summary>The OpenAPI 3.1 document of a service: how its public handlers are called through an ingress.</summary>
internal static class ServiceDocument
{
    private const string Documentation = "https://docs.restate.dev/invoke/http";

    /// <summary>Builds the document. It names no server: the address of an ingress is not known here.</summary>
    public static JsonObject Build(ServiceSchema service)
    {
        var paths = new JsonObject();
        var schemas = new JsonObject { ["RestateError"] = SharedComponents.Error() };
        foreach (HandlerSchema handler in service.Handlers.Where(handler => handler.Public).OrderBy(handler => handler.Name, StringComparer.Ordinal))
        {
            AddSchema(schemas, RequestName(handler), handler.Input);
            AddSchema(schemas, ResponseName(handler), handler.Output);
            AddPaths(paths, service, handler);
        }

        var info = new JsonObject { ["title"] = service.Name, ["version"] = $"{service.Revision}" };
        Describe(info, service.Documentation, service.Metadata);
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = info,
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["parameters"] = SharedComponents.Parameters(),
                ["responses"] = SharedComponents.Responses(),
                ["schemas"] = schemas,
            },
            ["tags"] = new JsonArray(
                Tag("Request Response", "Call a handler and wait for its result"),
                Tag("Send", "Send to a handler without waiting"),
                Tag("Attach", "Wait for a call that runs"),
                Tag("Get Output", "Read the result of a call")),
        };
    }

    private static void AddPaths(JsonObject paths, ServiceSchema service, HandlerSchema handler)
    {
        bool keyed = service.Type != ServiceType.Service;
        string target = keyed ? $"{service.Name}/{{key}}" : service.Name;
        string[] key = keyed ? ["key"] : [];
        string[] idempotency = service.Type == ServiceType.Workflow ? [] : ["idempotencyKeyHeader"];

        paths[$"/restate/call/{target}/{handler.Name}"] = new JsonObject
        {
            ["post"] = Operation(handler, "", null, $"Call {service.Name}/{handler.Name} and wait for its result.", [.. key, .. idempotency], body: true, Result(handler)),
        };
        paths[$"/restate/send/{target}/{handler.Name}"] = new JsonObject
        {
            ["post"] = Operation(
                handler, "Send", "Send", $"Send to {service.Name}/{handler.Name} without waiting.", [.. key, .. idempotency, "delay"], body: true,
                new JsonObject { ["200"] = Response("Send"), ["202"] = Response("Send") }),
        };
        string? running = service.Type != ServiceType.Workflow ? $"/restate/invocation/{target}/{handler.Name}/{{idempotencyKey}}"
            : handler.Type == HandlerType.Workflow ? $"/restate/workflow/{target}"
            : null;
        if (running is null)
            return;
        string[] parameters = service.Type == ServiceType.Workflow ? key : [.. key, "idempotencyKeyPath"];
        JsonObject attached = Result(handler);
        attached["404"] = Response("InvocationNotFoundError");
        JsonObject output = attached.DeepClone().AsObject();
        output["470"] = Response("InvocationNotReadyError");
        paths[$"{running}/attach"] = new JsonObject
        {
            ["get"] = Deprecated(Operation(handler, "Attach", "Attach", $"Wait for a running call of {service.Name}/{handler.Name}.", parameters, body: false, attached)),
        };
        paths[$"{running}/output"] = new JsonObject
        {
            ["get"] = Deprecated(Operation(handler, "Output", "Get Output", $"Read the result of a call of {service.Name}/{handler.Name}.", parameters, body: false, output)),
        };
    }

    private static JsonObject Operation(
        HandlerSchema handler, string suffix, string? tag, string what, string[] parameters, bool body, JsonObject responses)
    {
        responses["default"] = Response("GenericError");
        var operation = new JsonObject
        {
            ["operationId"] = handler.Name + suffix,
            ["summary"] = handler.Name,
            ["parameters"] = new JsonArray([.. parameters.Select(name => Reference($"parameters/{name}"))]),
            ["responses"] = responses,
        };
        Describe(operation, handler.Documentation ?? what, handler.Metadata);
        if (tag is not null)
            operation["tags"] = new JsonArray(tag);
        if (body && Body(handler) is { } request)
            operation["requestBody"] = request;
        return operation;
    }

    private static JsonObject Deprecated(JsonObject operation)
    {
        operation["deprecated"] = true;
        operation["description"] =
            $"Deprecated: look the call up with POST /restate/lookup and use its invocation id. {operation["description"]}";
        return operation;
    }

    private static JsonObject? Body(HandlerSchema handler) => handler.Input is { ContentType: null } ? null : new JsonObject
    {
        ["required"] = handler.Input?.Required ?? false,
        ["content"] = Content(handler.Input?.ContentType ?? "*/*", handler.Input, RequestName(handler)),
    };

    private static JsonObject Result(HandlerSchema handler) => new()
    {
        ["200"] = handler.Output is { ContentType: null }
            ? new JsonObject { ["description"] = "Empty" }
            : new JsonObject
            {
                ["description"] = "",
                ["content"] = Content(handler.Output?.ContentType ?? "application/json", handler.Output, ResponseName(handler)),
            },
    };

    private static JsonObject Content(string type, PayloadRules? rules, string name) => new()
    {
        [type] = HasSchema(rules) ? new JsonObject { ["schema"] = Reference($"schemas/{name}") } : new JsonObject(),
    };

    private static void AddSchema(JsonObject schemas, string name, PayloadRules? rules)
    {
        if (!HasSchema(rules))
            return;
        JsonNode? schema = JsonNode.Parse(rules!.JsonSchema!.Value.GetRawText());

        // A reference within the schema would otherwise point into the document it now is a part of.
        Rebase(schema, $"#/components/schemas/{name}");
        schemas[name] = schema;
    }

    private static void Rebase(JsonNode? node, string root)
    {
        switch (node)
        {
            case JsonObject map:
                foreach ((string key, JsonNode? value) in map.ToArray())
                {
                    if (key == "$ref" && value is JsonValue text && text.TryGetValue(out string? reference) && reference.StartsWith('#'))
                        map[key] = root + reference[1..];
                    else
                        Rebase(value, root);
                }

                break;
            case JsonArray list:
                foreach (JsonNode? item in list)
                    Rebase(item, root);
                break;
        }
    }

    private static bool HasSchema(PayloadRules? rules) => rules is { ContentType: not null, JsonSchema: { ValueKind: not JsonValueKind.Null } };

    private static void Describe(JsonObject place, string? documentation, IReadOnlyDictionary<string, string> metadata)
    {
        if (documentation is not null)
            place["description"] = documentation;
        if (metadata.Count > 0)
            place["x-restate-extensions"] = new JsonObject(metadata.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
    }

    private static JsonObject Tag(string name, string description) => new()
    {
        ["name"] = name,
        ["description"] = description,
        ["externalDocs"] = new JsonObject { ["url"] = Documentation },
    };

    private static JsonObject Response(string name) => Reference($"responses/{name}");

    private static JsonObject Reference(string component) => new() { ["$ref"] = $"#/components/{component}" };

    private static string RequestName(HandlerSchema handler) => $"{handler.Name}Request";

    private static string ResponseName(HandlerSchema handler) => $"{handler.Name}Response";
}
