using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>How values that JSON does not know are written in the stored schema.</summary>
internal static class SchemaConverters
{
    internal sealed class Milliseconds : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            TimeSpan.FromMilliseconds(reader.GetInt64());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteNumberValue((long)value.TotalMilliseconds);
    }

    internal sealed class DeploymentIdText : JsonConverter<DeploymentId>
    {
        public override DeploymentId Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            DeploymentId.Parse(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, DeploymentId value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    internal sealed class EndpointUriText : JsonConverter<EndpointUri>
    {
        public override EndpointUri Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
            EndpointUri.TryParse(reader.GetString() ?? "", out EndpointUri? uri, out string? error) ? uri : throw new FormatException(error);

        public override void Write(Utf8JsonWriter writer, EndpointUri value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }

    /// <summary>Maps keep ordinal order whoever reads them.</summary>
    internal sealed class OrdinalMap : JsonConverter<ImmutableSortedDictionary<string, string>>
    {
        public override ImmutableSortedDictionary<string, string> Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
        {
            ImmutableSortedDictionary<string, string>.Builder map = EmptyMap.Ordinal.ToBuilder();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException($"expected a map, found {reader.TokenType}");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string key = reader.GetString()!;
                reader.Read();
                map[key] = reader.GetString() ?? throw new JsonException($"the value of '{key}' is null");
            }

            return map.ToImmutable();
        }

        public override void Write(Utf8JsonWriter writer, ImmutableSortedDictionary<string, string> value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            foreach ((string key, string text) in value)
                writer.WriteString(key, text);
            writer.WriteEndObject();
        }
    }
}
