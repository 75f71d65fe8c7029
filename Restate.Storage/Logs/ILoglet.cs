using Restate.Storage.Types;

namespace Restate.Storage.Logs;

/// <summary>A record read from a log. Whoever receives it gives the reference back with <see cref="RecordBuffer.Release"/>.</summary>
/// <param name="Lsn">Its place in the log.</param>
/// <param name="Record">Its bytes.</param>
internal readonly record struct LogEntry(Lsn Lsn, RecordBuffer Record);

/// <summary>
/// One segment of a log: appended at the end, read by LSN, trimmed at the front. A record has one LSN for ever, LSNs have no gaps,
/// and <c>TrimPoint ≤ Tail</c>. Thread-safe. A cluster puts a replicated engine behind this seam.
/// </summary>
internal interface ILoglet
{
    /// <summary>LSN of the last durable record; <see cref="Lsn.None"/> when there never was one. Never goes back.</summary>
    Lsn Tail { get; }

    /// <summary>Records up to and including this one are gone. Never goes back.</summary>
    Lsn TrimPoint { get; }

    /// <summary>Appends a record; it is durable, and visible to readers, when the task completes.</summary>
    /// <param name="record">The loglet takes a reference of its own.</param>
    /// <exception cref="StorageException">The record may or may not be in the log.</exception>
    Task<Lsn> AppendAsync(RecordBuffer record);

    /// <summary>
    /// Reads records in order from <paramref name="from"/> to at most <paramref name="upTo"/> or the tail, until <paramref name="maxBytes"/>
    /// are reached; the first one is read whatever its size. Adds nothing when <paramref name="from"/> is past one of the two.
    /// </summary>
    /// <exception cref="StorageException">Records from <paramref name="from"/> on were trimmed, or the store cannot be read.</exception>
    void Read(Lsn from, Lsn upTo, long maxBytes, List<LogEntry> entries);

    /// <summary>Drops records up to and including <paramref name="upTo"/>, later if not now; a point before the trim point changes nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="upTo"/> is past the tail.</exception>
    void Trim(Lsn upTo);

    /// <summary>Calls back after every move of the tail, on the appending thread: the callback returns at once and does not throw.</summary>
    IDisposable Subscribe(Action onTail);
}

/// <summary>Makes loglets of one kind.</summary>
internal interface ILogletProvider
{
    /// <summary>Name in configuration and in log chains: <c>replicated</c>, <c>local</c>, <c>in-memory</c>.</summary>
    string Name { get; }

    /// <summary>Opens a log's loglet, empty when it did not exist. Opening it twice gives the same one.</summary>
    ILoglet Open(LogId log);
}
