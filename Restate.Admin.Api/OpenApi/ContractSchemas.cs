using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Restate.Admin.Api.Contracts;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace Restate.Admin.Api.OpenApi;

/// <summary>Makes schemas of contracts say what bodies really hold: which fields are always there, and which may be null.</summary>
internal sealed class ContractSchemas : ISchemaFilter
{
    private readonly NullabilityInfoContext _nullability = new();

    /// <summary>Name of a contract's schema: that of the type, without what only C# needs.</summary>
    public static string NameOf(Type type)
    {
        string name = type.Name.Split('`')[0];
        name = name.EndsWith("View", StringComparison.Ordinal) ? name[..^"View".Length] : name;
        return type.IsGenericType ? $"{name}Of{string.Concat(type.GetGenericArguments().Select(NameOf))}" : name;
    }

    /// <summary>Schemas of values that JSON writes in more than one way.</summary>
    public static void MapTypes(SwaggerGenOptions options)
    {
        options.MapType<SizeSetting>(() => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer | JsonSchemaType.String,
            Minimum = "0",
        });
        options.MapType<StateValue>(() => new OpenApiSchema
        {
            OneOf =
            [
                new OpenApiSchema
                {
                    Type = JsonSchemaType.Array,
                    Items = new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0", Maximum = "255" },
                },
                new OpenApiSchema { Type = JsonSchemaType.String },
            ],
        });
        options.MapType<JsonElement>(() => new OpenApiSchema());
        options.MapType<ulong>(() => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "uint64", Minimum = "0" });
        options.MapType<uint>(() => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "uint32", Minimum = "0" });
    }

    /// <inheritdoc/>
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { } properties } contract || context.MemberInfo is not null)
            return;
        contract.Required = new SortedSet<string>(StringComparer.Ordinal);
        contract.Description = OneLine(contract.Description);

        // Clients must not mind what a later version adds; requests may carry more than is read, unless the contract says otherwise.
        contract.AdditionalPropertiesAllowed =
            context.Type.GetCustomAttribute<JsonUnmappedMemberHandlingAttribute>()?.UnmappedMemberHandling != JsonUnmappedMemberHandling.Disallow;
        bool request = context.Type.Name.EndsWith("Request", StringComparison.Ordinal);
        bool omitsNull = DeploymentJsonContext.Plain.GetTypeInfo(context.Type) is not null;
        foreach (PropertyInfo property in context.Type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            string name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            if (!properties.TryGetValue(name, out IOpenApiSchema? value))
                continue;
            bool nullable = _nullability.Create(property).ReadState == NullabilityState.Nullable;
            JsonIgnoreCondition? ignore = property.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition;
            bool omitted = nullable && (ignore == JsonIgnoreCondition.WhenWritingNull || (omitsNull && ignore != JsonIgnoreCondition.Never));
            if (request ? IsDemanded(property) : !omitted)
                contract.Required.Add(name);
            properties[name] = WithNull(value, nullable && (request || !omitted));
        }
    }

    /// <summary>A field that a request must have: a member or a parameter that C# demands too.</summary>
    private static bool IsDemanded(PropertyInfo property) =>
        property.IsDefined(typeof(RequiredMemberAttribute))
        || property.DeclaringType!.GetConstructors()
            .SelectMany(constructor => constructor.GetParameters())
            .Any(parameter => parameter.Name == property.Name && !parameter.HasDefaultValue);

    private static IOpenApiSchema WithNull(IOpenApiSchema value, bool nullable)
    {
        value.Description = OneLine(value.Description);
        if (value is OpenApiSchema inline)
        {
            // A schema without a type or with alternatives has its own way to say null; no contract has one that may be.
            if (inline.Type is { } type)
                inline.Type = nullable ? type | JsonSchemaType.Null : type & ~JsonSchemaType.Null;
            return inline;
        }

        if (!nullable)
            return value;
        var alternatives = new OpenApiSchema { OneOf = [value, new OpenApiSchema { Type = JsonSchemaType.Null }], Description = value.Description };
        value.Description = null;
        return alternatives;
    }

    /// <summary>Comments are broken into lines for the source, not for readers of the document.</summary>
    private static string? OneLine(string? text) => text?.ReplaceLineEndings(" ");
}
