using System.Diagnostics.CodeAnalysis;

namespace Restate.Admin.Api.Endpoints;

/// <summary>Where a parameter stands in a request.</summary>
internal enum ParameterPlace
{
    /// <summary>In the path.</summary>
    Path,

    /// <summary>In the query string.</summary>
    Query,

    /// <summary>In a header.</summary>
    Header,
}

/// <summary>A parameter as the API document shows it. Handlers read most parameters as text, for the sake of their errors.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means, with its unit and what its absence means.</param>
/// <param name="Type">Its JSON type: <c>string</c>, <c>integer</c> or <c>boolean</c>.</param>
/// <param name="Minimum">Lowest number allowed.</param>
/// <param name="Maximum">Highest number allowed.</param>
/// <param name="Example">A value to begin with.</param>
internal sealed record ParameterMetadata(
    ParameterPlace Place, string Name, string Description, string Type = "string", int? Minimum = null, int? Maximum = null, string? Example = null);

/// <summary>A JSON body whose content type the handler checks; <c>Accepts</c> would have routing refuse others, without a word.</summary>
/// <param name="Contract">What it holds.</param>
internal sealed record RequestBodyMetadata(Type Contract);

/// <summary>A further content type of an answer.</summary>
/// <param name="Status">Status of the answer.</param>
/// <param name="ContentType">The content type.</param>
/// <param name="Description">What the body is.</param>
/// <param name="IsBinary">True for bytes, false for text.</param>
internal sealed record ContentMetadata(int Status, string ContentType, string Description, bool IsBinary);

/// <summary>A header of an answer.</summary>
/// <param name="Status">Status of the answer.</param>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it holds.</param>
internal sealed record ResponseHeaderMetadata(int Status, string Name, string Description);

/// <summary>An example of a body.</summary>
/// <param name="Status">Status of the answer it belongs to; null for the request.</param>
/// <param name="Name">Its name, unique among the examples of its body.</param>
/// <param name="Summary">What it shows.</param>
/// <param name="Json">The body.</param>
internal sealed record ExampleMetadata(int? Status, string Name, string Summary, [StringSyntax(StringSyntaxAttribute.Json)] string Json);

/// <summary>What the API document says of a route beyond what routing knows of it.</summary>
internal static class OperationMetadata
{
    private const string Text = "text/plain";

    /// <summary>Describes a parameter of the query string.</summary>
    public static TBuilder WithQueryParameter<TBuilder>(
        this TBuilder builder, string name, string description, string type = "string", int? minimum = null, int? maximum = null, string? example = null)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ParameterMetadata(ParameterPlace.Query, name, description, type, minimum, maximum, example));

    /// <summary>Describes a parameter of the path.</summary>
    public static TBuilder WithPathParameter<TBuilder>(
        this TBuilder builder, string name, string description, string type = "string", int? minimum = null, int? maximum = null, string? example = null)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ParameterMetadata(ParameterPlace.Path, name, description, type, minimum, maximum, example));

    /// <summary>Describes a header of the request.</summary>
    public static TBuilder WithHeaderParameter<TBuilder>(this TBuilder builder, string name, string description, string? example = null)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ParameterMetadata(ParameterPlace.Header, name, description, Example: example));

    /// <summary>Adds that an answer may also be plain text.</summary>
    public static TBuilder ProducesText<TBuilder>(this TBuilder builder, int status)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ContentMetadata(status, Text, "What was wrong, for a person.", IsBinary: false));

    /// <summary>Adds a content type that an answer may have too.</summary>
    public static TBuilder ProducesAlso<TBuilder>(this TBuilder builder, int status, string contentType, string description, bool isBinary)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ContentMetadata(status, contentType, description, isBinary));

    /// <summary>Describes a header of an answer.</summary>
    public static TBuilder WithResponseHeader<TBuilder>(this TBuilder builder, int status, string name, string description)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ResponseHeaderMetadata(status, name, description));

    /// <summary>Adds an example of the request body.</summary>
    public static TBuilder WithRequestExample<TBuilder>(
        this TBuilder builder, string name, string summary, [StringSyntax(StringSyntaxAttribute.Json)] string json)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ExampleMetadata(null, name, summary, json));

    /// <summary>Adds an example of the body of an answer.</summary>
    public static TBuilder WithResponseExample<TBuilder>(
        this TBuilder builder, int status, string name, string summary, [StringSyntax(StringSyntaxAttribute.Json)] string json)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ExampleMetadata(status, name, summary, json));
}
