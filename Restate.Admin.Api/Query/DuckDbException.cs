namespace Restate.Admin.Api.Query;

/// <summary>DuckDB refused or failed a statement. The message starts with DuckDB's kind of error, e.g. <c>Binder Error: </c>.</summary>
internal sealed class DuckDbException(string message) : Exception(message)
{
    /// <summary>The query ran out of memory or of spill space.</summary>
    internal bool IsOutOfMemory => Starts("Out of Memory Error");

    /// <summary>The query was interrupted.</summary>
    internal bool IsInterrupt => Starts("INTERRUPT Error");

    /// <summary>The fault is in DuckDB, in its instance or on the disk, not in the statement.</summary>
    internal bool IsInternal => Starts("INTERNAL Error") || Starts("FATAL Error") || Starts("IO Error")
        || Starts("TransactionContext Error") || Starts("Permission Error") || Starts("Invalid Configuration Error");

    /// <summary>The instance refuses all further work.</summary>
    internal bool IsFatal => Starts("FATAL Error") || Message.Contains("database has been invalidated", StringComparison.Ordinal);

    private bool Starts(string prefix) => Message.StartsWith(prefix, StringComparison.Ordinal);
}
