using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>
/// The value of the metadata key: everything registered, as JSON. Field names and the meaning of durations (milliseconds) are a stored
/// format; a change that old servers would misread raises <see cref="CurrentFormat"/>. A field that may be absent is nullable: generated
/// readers give an absent field the default of its type, not that of its property, so every other field has to be there.
/// </summary>
internal sealed record SchemaDocument
{
    /// <summary>The format this server writes, and the highest it reads.</summary>
    public const int CurrentFormat = 1;

    public static readonly SchemaDocument Empty = new();

    public int FormatVersion { get; init; } = CurrentFormat;

    /// <summary>In the order of registration.</summary>
    [JsonRequired]
    public ImmutableArray<Deployment> Deployments { get; init; } = [];

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, SchemaJsonContext.Default.SchemaDocument);

    /// <summary>Reads a stored value.</summary>
    /// <exception cref="StorageException">It is of a newer format, or damaged.</exception>
    public static SchemaDocument Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            int format = JsonSerializer.Deserialize(bytes, SchemaJsonContext.Default.SchemaHeader)?.FormatVersion ?? 0;
            if (format > CurrentFormat)
            {
                throw new StorageException(
                    $"the schema registry is in format {format}, written by a newer server; this one reads up to format {CurrentFormat}");
            }

            if (format < 1)
                throw new StorageException("the schema registry is damaged: it names no format");
            SchemaDocument document = JsonSerializer.Deserialize(bytes, SchemaJsonContext.Default.SchemaDocument)!;
            return document with { Deployments = [.. document.Deployments.Select(Place)] };
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            throw new StorageException($"the schema registry is damaged: {e.Message}", e);
        }
    }

    private static Deployment Place(Deployment deployment) =>
        deployment with { Services = [.. deployment.Services.Select(service => service with { DeploymentId = deployment.Id })] };
}

/// <summary>The part of the document that every format has.</summary>
internal sealed record SchemaHeader
{
    public int FormatVersion { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true,
    Converters =
    [
        typeof(SchemaConverters.Milliseconds), typeof(SchemaConverters.DeploymentIdText),
        typeof(SchemaConverters.EndpointUriText), typeof(SchemaConverters.OrdinalMap),
    ])]
[JsonSerializable(typeof(SchemaDocument))]
[JsonSerializable(typeof(SchemaHeader))]
internal sealed partial class SchemaJsonContext : JsonSerializerContext;
