using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;
using Restate.Admin.Api.Endpoints;
using Swashbuckle.AspNetCore.Swagger;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Restate.Admin.Api.OpenApi;

/// <summary>
/// The OpenAPI document of the admin API. It is made when it is first asked for and kept as bytes: what makes it lives in a service
/// container of its own, so a node that nobody asks pays nothing, and one that was asked keeps nothing else.
/// </summary>
/// <param name="services">The services of the application; which parameters are services follows from them.</param>
internal sealed class ApiDocument(IServiceCollection services)
{
    private const string Name = "admin";

    /// <summary>The version whose wording we hold to; the library writes the patch level it knows.</summary>
    private const string OpenApiVersion = "3.1.0";

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Lock _lock = new();
    private Task<byte[]>? _json;

    /// <summary>The document as JSON, UTF-8.</summary>
    /// <param name="routes">All routes of the admin API.</param>
    public Task<byte[]> ReadAsync(IEnumerable<EndpointDataSource> routes)
    {
        lock (_lock)
            return _json is { IsFaulted: false } ? _json : _json = Task.Run(() => WriteOnceAsync(routes));
    }

    /// <summary>Writes the document, and gives back the memory that took: it is many times what the node needs when idle.</summary>
    private async Task<byte[]> WriteOnceAsync(IEnumerable<EndpointDataSource> routes)
    {
        byte[] json = await WriteAsync(routes);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return json;
    }

    private async Task<byte[]> WriteAsync(IEnumerable<EndpointDataSource> routes)
    {
        var generation = new ServiceCollection();
        foreach (ServiceDescriptor service in services)
            ((ICollection<ServiceDescriptor>)generation).Add(service);
        using var endpoints = new CompositeEndpointDataSource(routes);
        generation.Replace(ServiceDescriptor.Singleton<EndpointDataSource>(endpoints));
        generation.AddEndpointsApiExplorer();
        generation.AddSwaggerGen(Configure);
        generation.Replace(ServiceDescriptor.Singleton<ISerializerDataContractResolver>(new JsonSerializerDataContractResolver(
            new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower })));
        await using ServiceProvider provider = generation.BuildServiceProvider();
        OpenApiDocument document = await provider.GetRequiredService<IAsyncSwaggerProvider>().GetSwaggerAsync(Name);

        string text = await document.SerializeAsync(OpenApiSpecVersion.OpenApi3_1, OpenApiConstants.Json, CancellationToken.None);
        JsonObject root = JsonNode.Parse(text)!.AsObject();
        root["openapi"] = OpenApiVersion;
        Sort(root["paths"]!.AsObject());
        Sort(root["components"]!["schemas"]!.AsObject());
        root["components"]!["securitySchemes"] = new JsonObject
        {
            ["bearer"] = new JsonObject
            {
                ["type"] = "http",
                ["scheme"] = "bearer",
                ["description"] = "Asked for where the node has `admin.auth.token-file`. Without or with an unknown token the answer is 401, without the "
                    + "scope 403: `query` for SQL, `read` for GET, `admin` for everything.",
            },
        };

        // Either nothing or a token: which one is a setting of the node.
        root["security"] = new JsonArray(new JsonObject(), new JsonObject { ["bearer"] = new JsonArray() });
        return Encoding.UTF8.GetBytes(root.ToJsonString(Readable) + "\n");
    }

    private static void Configure(SwaggerGenOptions options)
    {
        options.SwaggerDoc(Name, new OpenApiInfo
        {
            Title = "Admin API",
            Version = VersionEndpoints.RestateVersion,
            Description = "Operations of a node: deployments and services, state, SQL, memory, partitions. Every path is also served under "
                + "`/v2`, `/v3` and `/v4`, and GET paths take HEAD. Metrics and the health of the node are on the node port.",
        });
        options.DocInclusionPredicate((_, _) => true);
        options.CustomOperationIds(api => api.ActionDescriptor.EndpointMetadata.OfType<IEndpointNameMetadata>().LastOrDefault()?.EndpointName);
        options.CustomSchemaIds(ContractSchemas.NameOf);
        options.SupportNonNullableReferenceTypes();
        options.IncludeXmlComments(Path.Combine(AppContext.BaseDirectory, typeof(ApiDocument).Assembly.GetName().Name + ".xml"));
        ContractSchemas.MapTypes(options);
        options.SchemaFilter<ContractSchemas>();
        options.OperationFilter<OperationFilter>();
        options.DocumentFilter<TagFilter>();
    }

    private static void Sort(JsonObject members)
    {
        KeyValuePair<string, JsonNode?>[] sorted = [.. members.OrderBy(member => member.Key, StringComparer.Ordinal)];
        members.Clear();
        foreach ((string name, JsonNode? value) in sorted)
            members.Add(name, value);
    }
}
