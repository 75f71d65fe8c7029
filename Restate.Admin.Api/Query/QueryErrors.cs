using System.Globalization;
using System.Text.RegularExpressions;

namespace Restate.Admin.Api.Query;

/// <summary>Turns what went wrong below into what the caller is told.</summary>
internal static partial class QueryErrors
{
    /// <summary>The failure behind an error of DuckDB; when <paramref name="guard"/> stopped the query, its reason.</summary>
    internal static QueryException From(DuckDbException error, QueryGuard guard, long capacity)
    {
        if (guard.Reason is { } reason)
            return new QueryException(reason.Failure, reason.Message, error);
        if (error.IsOutOfMemory)
            return OutOfMemory(Math.Max(guard.PeakBytes, UsedBytes(error.Message)), capacity, error.Message);
        if (error.IsInterrupt || error.IsInternal)
            return new QueryException(QueryFailure.Internal, error.Message, error);
        return new QueryException(QueryFailure.Invalid, error.Message, error);
    }

    internal static QueryException OutOfMemory(long peak, long capacity, string? detail) => new(
        QueryFailure.OutOfMemory,
        string.Create(
            CultureInfo.InvariantCulture,
            $"not enough memory for the query: admin.query-engine.memory-size is {Mebibytes(capacity)} MiB for all queries together, the peak while this one ran was {Mebibytes(peak)} MiB; raise it, or make the query smaller{(detail is null ? "" : $" ({FirstLine(detail)})")}"));

    /// <summary>The figure in DuckDB's message, e.g. <c>(21.3 MiB/28.7 MiB used)</c>: a short query may end between two samples.</summary>
    private static long UsedBytes(string message)
    {
        Match match = Used().Match(message);
        if (!match.Success)
            return 0;
        double unit = match.Groups[2].Value switch
        {
            "KiB" => 1L << 10,
            "MiB" => 1L << 20,
            "GiB" => 1L << 30,
            "TiB" => 1L << 40,
            _ => 1,
        };
        return (long)(double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * unit);
    }

    [GeneratedRegex(@"\(([0-9.]+) (bytes|KiB|MiB|GiB|TiB)/")]
    private static partial Regex Used();

    private static string FirstLine(string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }

    internal static string Mebibytes(long bytes) => (bytes / 1048576.0).ToString("0.#", CultureInfo.InvariantCulture);
}
