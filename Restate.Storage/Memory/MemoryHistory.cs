using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Restate.Storage.Memory;

/// <summary>
/// The last hour of the process's memory: a ring of samples, kept in memory for readers and in a file of the node's folder, so that the
/// minutes before a kill can still be read after it. A write reaches the page cache and is not synced: the end of the process loses
/// nothing, the end of the machine may lose some samples. Thread-safe.
/// </summary>
public sealed partial class MemoryHistory : IDisposable
{
    /// <summary>Samples kept: one hour of them.</summary>
    public const int Capacity = 360;

    /// <summary>Name of the file in the node's folder.</summary>
    public const string FileName = "memory-history.bin";

    /// <summary>Time between two samples.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Queue<MemoryHistorySample> _samples = new(Capacity);
    private readonly ILogger _logger;
    private readonly string _path;
    private SafeFileHandle? _file;
    private ulong _sequence;

    private MemoryHistory(string path, ILogger logger)
    {
        _path = path;
        _logger = logger;
    }

    /// <summary>
    /// Opens the history in a folder and reads what earlier runs left. A file that cannot be used costs a warning and the samples, never
    /// the start: history explains the node, it does not carry it.
    /// </summary>
    /// <param name="directory">The node's folder; it exists.</param>
    /// <param name="logger">Told of a file that cannot be used.</param>
    public static MemoryHistory Open(string directory, ILogger<MemoryHistory> logger)
    {
        var history = new MemoryHistory(Path.Combine(directory, FileName), logger);
        try
        {
            history._file = File.OpenHandle(history._path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            history.Load(history._file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.FileFailed(logger, history._path, e.Message);
            history.CloseFile();
        }

        return history;
    }

    /// <summary>The samples, oldest first.</summary>
    public IReadOnlyList<MemoryHistorySample> Samples
    {
        get
        {
            lock (_lock)
                return [.. _samples];
        }
    }

    /// <summary>Adds a sample.</summary>
    public void Add(MemoryHistorySample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        lock (_lock)
        {
            Keep(sample);
            _sequence++;
            if (_file is null)
                return;
            Span<byte> slot = stackalloc byte[MemoryHistoryRecord.Size];
            MemoryHistoryRecord.Write(slot, _sequence, sample);
            try
            {
                RandomAccess.Write(_file, slot, (long)(_sequence % Capacity) * MemoryHistoryRecord.Size);
            }
            catch (IOException e)
            {
                // A full disk, most likely. The samples go on in memory; the file is tried again at the next start.
                Log.FileFailed(_logger, _path, e.Message);
                CloseFile();
            }
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
            CloseFile();
    }

    private void Load(SafeFileHandle file)
    {
        var bytes = new byte[Capacity * MemoryHistoryRecord.Size];
        int length = 0;
        while (length < bytes.Length)
        {
            int read = RandomAccess.Read(file, bytes.AsSpan(length), length);
            if (read == 0)
                break;
            length += read;
        }

        var found = new List<(ulong Sequence, MemoryHistorySample Sample)>();
        for (int at = 0; at + MemoryHistoryRecord.Size <= length; at += MemoryHistoryRecord.Size)
        {
            if (MemoryHistoryRecord.Read(bytes.AsSpan(at, MemoryHistoryRecord.Size)) is { } record)
                found.Add(record);
        }

        foreach ((ulong sequence, MemoryHistorySample sample) in found.OrderBy(record => record.Sequence))
        {
            Keep(sample);
            _sequence = sequence;
        }
    }

    private void Keep(MemoryHistorySample sample)
    {
        if (_samples.Count == Capacity)
            _samples.Dequeue();
        _samples.Enqueue(sample);
    }

    private void CloseFile()
    {
        _file?.Dispose();
        _file = null;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The memory history cannot be kept in {Path}: {Reason}. It is kept in memory only")]
        public static partial void FileFailed(ILogger logger, string path, string reason);
    }
}
