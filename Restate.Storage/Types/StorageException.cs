namespace Restate.Storage.Types;

/// <summary>A failure of the storage that the caller can name to its user: the message is complete and free of secrets.</summary>
public class StorageException : Exception
{
    /// <summary>Creates the failure with a message for the user.</summary>
    public StorageException(string message) : base(message)
    {
    }

    /// <summary>Creates the failure with a message for the user and its cause.</summary>
    public StorageException(string message, Exception inner) : base(message, inner)
    {
    }

    /// <summary>
    /// True when it failed for want of disk space. RocksDB looks for space by itself and takes writes again once there is some, so
    /// waiting helps.
    /// </summary>
    public bool IsDiskFull => Message.Contains("No space left on device", StringComparison.Ordinal);
}

/// <summary>The log takes no records at present. HTTP 503.</summary>
/// <param name="message">Why, and what to do.</param>
/// <param name="inner">The failed write.</param>
public sealed class LogUnavailableException(string message, Exception inner) : StorageException(message, inner)
{
    /// <summary>True for a record of the write that failed: it may be in the log all the same. False: it was never written.</summary>
    public bool MayBeWritten { get; init; }
}

/// <summary>A change is larger than a partition takes in one piece. Nothing was written. HTTP 413.</summary>
/// <param name="message">What is too large, how large, and what is allowed.</param>
public sealed class ChangeTooLargeException(string message) : StorageException(message);

/// <summary>A partition cannot serve now: closed, draining, or still replaying past the time the caller would wait. HTTP 503.</summary>
public sealed class PartitionUnavailableException : StorageException
{
    /// <summary>Creates the failure.</summary>
    /// <param name="partition">The partition that cannot serve.</param>
    /// <param name="reason">Its state in words, e.g. "closed".</param>
    public PartitionUnavailableException(PartitionId partition, string reason)
        : base($"partition {partition} is not available: {reason}")
        => Partition = partition;

    /// <summary>The partition that cannot serve.</summary>
    public PartitionId Partition { get; }
}
