namespace Restate.Admin.Api.Query;

/// <summary>Why a query did not run, or did not run to its end.</summary>
internal enum QueryFailure
{
    /// <summary>What the caller wrote is wrong or not allowed. HTTP 400.</summary>
    Invalid,

    /// <summary>The time limit passed. HTTP 408.</summary>
    Deadline,

    /// <summary>The text is too large. HTTP 413.</summary>
    TooLarge,

    /// <summary>Too many queries run. HTTP 429.</summary>
    Busy,

    /// <summary>A partition or the engine cannot serve now. HTTP 503.</summary>
    Unavailable,

    /// <summary>The query needs more memory or spill space than there is. HTTP 507.</summary>
    OutOfMemory,

    /// <summary>The caller went away. No status.</summary>
    Cancelled,

    /// <summary>An operator cancelled it. HTTP 409.</summary>
    Stopped,

    /// <summary>The caller stopped reading while others needed what the query holds. No status: rows were on their way.</summary>
    ReaderStopped,

    /// <summary>A defect or an I/O failure of ours. HTTP 500.</summary>
    Internal,
}

/// <summary>A query failed; the message is for the caller.</summary>
internal sealed class QueryException : Exception
{
    internal QueryException(QueryFailure failure, string message, Exception? inner = null) : base(message, inner) => Failure = failure;

    /// <summary>The kind of failure.</summary>
    internal QueryFailure Failure { get; }

    internal static QueryException Invalid(string message) => new(QueryFailure.Invalid, message);
}
