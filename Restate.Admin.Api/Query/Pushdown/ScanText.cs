using System.Globalization;
using System.Text;
using Restate.Storage.Partitions;

namespace Restate.Admin.Api.Query.Pushdown;

/// <summary>Says in SQL's words what a scan of state visits.</summary>
internal static class ScanText
{
    /// <summary>Ranges that are spelled out.</summary>
    private const int MaxRanges = 5;

    /// <summary>Partitions and key ranges of a plan.</summary>
    internal static string Of(StateScanPlan plan, int partitionCount)
    {
        string partitions = string.Create(CultureInfo.InvariantCulture, $"partitions {plan.Partitions.Count()} of {partitionCount}");
        if (plan.IsFull)
            return $"{partitions}, all rows{Listed(plan)}";
        StateScanRange[] ranges = [.. plan.Ranges.Select(range => range.Range).Distinct()];
        if (ranges.Length == 0)
            return $"{partitions}, no row meets the condition";
        string shown = string.Join(" | ", ranges.Take(MaxRanges).Select(Of));
        string all = ranges.Length == 1 ? $"{partitions}, key range {shown}"
            : string.Create(CultureInfo.InvariantCulture, $"{partitions}, {ranges.Length} key ranges {shown}{(ranges.Length > MaxRanges ? " | …" : "")}");
        return all + Listed(plan);
    }

    /// <summary>The lists that the scan applies and that the statement shown beside does not have.</summary>
    private static string Listed(StateScanPlan plan)
    {
        (string Column, KeySet? Values)[] lists =
        [
            ("service_name", plan.Filter?.ServiceNames), ("service_key", plan.Filter?.ServiceKeys), ("key", plan.Filter?.StateKeys),
        ];
        return string.Concat(lists.Where(list => list.Values is not null).Select(list =>
            string.Create(CultureInfo.InvariantCulture, $", rows with {list.Column} in a list of {list.Values!.Intervals.Count}")));
    }

    private static string Of(StateScanRange range)
    {
        var parts = new List<string>();
        if (range.PartitionKey is { } partitionKey)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"partition_key = {partitionKey}"));
        if (range.ServiceName is { } service)
            parts.Add($"service_name = {Quoted(service.Span)}");
        if (range.ServiceKey is { } serviceKey)
            parts.Add($"service_key = {Quoted(serviceKey.Span)}");
        if (range.StateKey is { } stateKey)
            parts.Add($"key = {Quoted(stateKey.Span)}");
        if (range.Next is { } next)
        {
            string column = range.PartitionKey is null ? "partition_key"
                : range.ServiceName is null ? "service_name"
                : range.ServiceKey is null ? "service_key"
                : "key";
            Func<ReadOnlyMemory<byte>, string> value = range.PartitionKey is null ? Number : bytes => Quoted(bytes.Span);
            if (next.From.Length > 0)
                parts.Add($"{column} >= {value(next.From)}");
            if (next.To is { } to)
                parts.Add($"{column} < {value(to)}");
        }

        return string.Join(" and ", parts);
    }

    private static string Number(ReadOnlyMemory<byte> bytes) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bytes.Span).ToString(CultureInfo.InvariantCulture);

    /// <summary>A text as a literal; bounds need not be texts, and hold zeros where the next value is meant.</summary>
    private static string Quoted(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes).Replace("'", "''", StringComparison.Ordinal);
        return text.EndsWith('\0') && !text[..^1].Contains('\0', StringComparison.Ordinal)
            ? $"'{text[..^1]}' || chr(0)"
            : $"'{text.Replace('\0', '\uFFFD')}'";
    }
}
