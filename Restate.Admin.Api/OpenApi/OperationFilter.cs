using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Endpoints;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Restate.Admin.Api.OpenApi;

/// <summary>Adds to an operation what its route says in <see cref="OperationMetadata"/>, and what holds for all of them.</summary>
internal sealed class OperationFilter : IOperationFilter
{
    private const string Json = "application/json";

    /// <summary>Parameters of paths, which mean the same in all of them.</summary>
    private static readonly Dictionary<string, string> PathParameters = new(StringComparer.Ordinal)
    {
        ["deployment"] = "Id of the deployment, such as `dp_14LsPzGz9HBxXIeBoH5wYUh`.",
        ["service"] = "Name of the service.",
        ["handler"] = "Name of the handler.",
    };

    /// <inheritdoc/>
    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        IList<object> metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        DescribeParameters(operation, [.. metadata.OfType<ParameterMetadata>()]);
        AddBody(operation, metadata, context);
        AddContent(operation, metadata);
        AddCommonErrors(operation, context);
        AddHeaders(operation, metadata);
        AddExamples(operation, metadata);
    }

    private static void DescribeParameters(OpenApiOperation operation, ParameterMetadata[] described)
    {
        operation.Parameters ??= [];
        foreach (OpenApiParameter parameter in operation.Parameters.OfType<OpenApiParameter>())
        {
            if (parameter.In == ParameterLocation.Path)
                parameter.Description = PathParameters.GetValueOrDefault(parameter.Name!);
        }

        foreach (ParameterMetadata metadata in described)
        {
            ParameterLocation place = Enum.Parse<ParameterLocation>(metadata.Place.ToString());
            OpenApiParameter? parameter = operation.Parameters.OfType<OpenApiParameter>()
                .FirstOrDefault(known => known.Name == metadata.Name && known.In == place);
            if (parameter is null)
                operation.Parameters.Add(parameter = new OpenApiParameter { Name = metadata.Name, In = place });
            parameter.Description = metadata.Description;
            parameter.Schema = new OpenApiSchema
            {
                Type = Enum.Parse<JsonSchemaType>(metadata.Type, ignoreCase: true),
                Minimum = metadata.Minimum?.ToString(CultureInfo.InvariantCulture),
                Maximum = metadata.Maximum?.ToString(CultureInfo.InvariantCulture),
            };
            if (metadata.Example is { } example)
                parameter.Examples = new Dictionary<string, IOpenApiExample> { [example] = new OpenApiExample { Value = Value(metadata.Type, example) } };
        }
    }

    private static void AddBody(OpenApiOperation operation, IList<object> metadata, OperationFilterContext context)
    {
        if (metadata.OfType<RequestBodyMetadata>().LastOrDefault() is not { } body)
            return;
        operation.RequestBody = new OpenApiRequestBody { Required = true, Content = JsonOf(body.Contract, context) };
    }

    private static void AddContent(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (ContentMetadata content in metadata.OfType<ContentMetadata>())
        {
            OpenApiResponse response = Response(operation, content.Status);
            response.Content ??= new Dictionary<string, IOpenApiMediaType>();
            response.Content.TryAdd(content.ContentType, new OpenApiMediaType
            {
                Schema = new OpenApiSchema
                {
                    // Bytes have no JSON type: in OpenAPI 3.1 the media type alone says it.
                    Type = content.IsBinary ? null : JsonSchemaType.String,
                    Description = content.Description,
                },
            });
        }
    }

    /// <summary>What every route may answer, whatever it does: failures inside, and refusals before it is reached.</summary>
    private static void AddCommonErrors(OpenApiOperation operation, OperationFilterContext context)
    {
        Add(StatusCodes.Status500InternalServerError, "The node failed; its log has the details.");
        if (context.ApiDescription.HttpMethod is not "GET")
            Add(StatusCodes.Status403Forbidden, "The request comes from a page of another origin.");
        operation.Responses = Sorted(operation.Responses!);

        void Add(int status, string description)
        {
            OpenApiResponse response = Response(operation, status);
            if (response.Content is { Count: > 0 })
                return;
            response.Description = description;
            response.Content = JsonOf(typeof(ErrorBody), context);
        }
    }

    private static void AddHeaders(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (ResponseHeaderMetadata header in metadata.OfType<ResponseHeaderMetadata>())
        {
            OpenApiResponse response = Response(operation, header.Status);
            response.Headers ??= new Dictionary<string, IOpenApiHeader>();
            response.Headers[header.Name] = new OpenApiHeader
            {
                Description = header.Description,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }
    }

    private static void AddExamples(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (ExampleMetadata example in metadata.OfType<ExampleMetadata>())
        {
            IDictionary<string, IOpenApiMediaType>? content = example.Status is { } status
                ? Response(operation, status).Content
                : operation.RequestBody?.Content;
            if (content is null || !content.TryGetValue(Json, out IOpenApiMediaType? body) || body is not OpenApiMediaType json)
                throw new InvalidOperationException($"{operation.OperationId}: the example '{example.Name}' belongs to a body that is not declared");
            json.Examples ??= new Dictionary<string, IOpenApiExample>();
            json.Examples.Add(example.Name, new OpenApiExample { Summary = example.Summary, Value = JsonNode.Parse(example.Json) });
        }
    }

    private static Dictionary<string, IOpenApiMediaType> JsonOf(Type contract, OperationFilterContext context) => new()
    {
        [Json] = new OpenApiMediaType { Schema = context.SchemaGenerator.GenerateSchema(contract, context.SchemaRepository) },
    };

    private static OpenApiResponse Response(OpenApiOperation operation, int status)
    {
        operation.Responses ??= [];
        string key = status.ToString(CultureInfo.InvariantCulture);
        if (operation.Responses.GetValueOrDefault(key) is OpenApiResponse known)
            return known;
        var added = new OpenApiResponse { Description = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status) };
        operation.Responses[key] = added;
        return added;
    }

    private static OpenApiResponses Sorted(OpenApiResponses responses)
    {
        var sorted = new OpenApiResponses();
        foreach ((string status, IOpenApiResponse response) in responses.OrderBy(response => response.Key, StringComparer.Ordinal))
            sorted.Add(status, response);
        return sorted;
    }

    private static JsonNode Value(string type, string text) => type == "string" ? JsonValue.Create(text) : JsonNode.Parse(text)!;
}
