namespace Restate.Admin.Api.Security;

/// <summary>
/// A file of lines that is only ever added to. When it is full it becomes <c>name.1</c>, in place of the one before, so that
/// both together are bounded. What was written is with the operating system: it survives a killed process, not a
/// power cut. Not thread-safe.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="maxBytes">Most bytes of one of the two.</param>
internal sealed class AuditFile(string path, long maxBytes = AuditFile.DefaultMaxBytes) : IDisposable
{
    /// <summary>About 100,000 changes.</summary>
    public const long DefaultMaxBytes = 32 << 20;

    private FileStream? _stream;

    /// <summary>The last line may be a part of one.</summary>
    private bool _isTorn;

    /// <summary>Adds lines.</summary>
    /// <exception cref="IOException">They cannot be written; a part of them may have been.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        _stream ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        if (_stream.Length > 0 && _stream.Length + lines.Length > maxBytes)
        {
            Dispose();
            File.Move(path, path + ".1", overwrite: true);
            _stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
        }

        if (_isTorn)
            _stream.Write("\n"u8);
        _isTorn = true;
        _stream.Write(lines);
        _isTorn = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream?.Dispose();
        _stream = null;
    }
}
