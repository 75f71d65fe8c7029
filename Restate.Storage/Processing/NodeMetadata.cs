using System.Text.Json;
using Restate.Storage.Metadata;
using Restate.Storage.Types;

namespace Restate.Storage.Processing;

/// <summary>
/// What a node decides once and keeps: the number of partitions (key <c>partition-table</c>) and the provider of their logs
/// (key <c>log-chains</c>). Both are JSON with a <c>format_version</c>.
/// </summary>
internal sealed record NodeMetadata(int PartitionCount, string LogProvider)
{
    private const string PartitionTableKey = "partition-table";
    private const string LogChainsKey = "log-chains";
    private const int StoredFormat = 1;

    /// <summary>Reads the decisions; on the first start makes them from the configuration.</summary>
    /// <param name="store">Where they are kept.</param>
    /// <param name="defaultPartitions">Number of partitions of a new node.</param>
    /// <param name="defaultProvider">Log provider of a new node.</param>
    /// <param name="hasData">True when there are partition stores, so that this cannot be the first start.</param>
    /// <param name="cancellationToken">Ends the wait for the store.</param>
    /// <exception cref="StorageException">They are damaged or of a newer format.</exception>
    public static async Task<NodeMetadata> LoadOrCreateAsync(
        IMetadataStore store, int defaultPartitions, string defaultProvider, bool hasData, CancellationToken cancellationToken)
    {
        // Deciding anew how many partitions there are would place every key elsewhere.
        if (hasData && await store.GetAsync(PartitionTableKey, cancellationToken) is null)
            throw new StorageException($"the metadata store has no '{PartitionTableKey}', but there are partition stores: metadata was lost; restore the metadata-store directory");
        using JsonDocument partitions = await LoadOrCreateAsync(
            store, PartitionTableKey, writer => writer.WriteNumber("num_partitions", defaultPartitions), cancellationToken);
        using JsonDocument chains = await LoadOrCreateAsync(
            store, LogChainsKey, writer => writer.WriteString("provider", defaultProvider), cancellationToken);
        if (!partitions.RootElement.TryGetProperty("num_partitions", out JsonElement number)
            || number.ValueKind != JsonValueKind.Number
            || !number.TryGetUInt16(out ushort count)
            || count == 0)
            throw new StorageException($"metadata key '{PartitionTableKey}' is damaged: it has no number of partitions");
        if (!chains.RootElement.TryGetProperty("provider", out JsonElement provider) || provider.ValueKind != JsonValueKind.String)
            throw new StorageException($"metadata key '{LogChainsKey}' is damaged: it has no provider");
        return new NodeMetadata(count, provider.GetString()!);
    }

    private static async Task<JsonDocument> LoadOrCreateAsync(
        IMetadataStore store, string key, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> bytes;
        if (await store.GetAsync(key, cancellationToken) is { } stored)
        {
            bytes = stored.Bytes;
        }
        else
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                writer.WriteStartObject();
                writer.WriteNumber("format_version", StoredFormat);
                write(writer);
                writer.WriteEndObject();
            }

            await store.PutAsync(key, buffer.WrittenMemory, Precondition.DoesNotExist, cancellationToken);
            bytes = buffer.WrittenMemory;
        }

        try
        {
            JsonDocument document = JsonDocument.Parse(bytes);
            int version = document.RootElement.GetProperty("format_version").GetInt32();
            if (version > StoredFormat)
                throw new StorageException($"metadata key '{key}' has format version {version}; this build reads up to {StoredFormat}: start a newer build");
            return document;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new StorageException($"metadata key '{key}' is damaged: {e.Message}", e);
        }
    }
}
