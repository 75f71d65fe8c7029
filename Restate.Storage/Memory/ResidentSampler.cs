using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;
using Restate.Storage.Types;

namespace Restate.Storage.Memory;

/// <summary>Reads the anonymous resident memory of this process often: some microseconds, no allocation. Thread-safe.</summary>
public sealed class ResidentSampler : IDisposable
{
    private const string Path = "/proc/self/statm";

    /// <summary>Seven numbers of up to 20 digits.</summary>
    private const int MaxBytes = 256;

    private readonly SafeFileHandle _file;

    private ResidentSampler(SafeFileHandle file) => _file = file;

    /// <summary>Opens the kernel's file; null on a system without it.</summary>
    public static ResidentSampler? Open() => File.Exists(Path) ? new ResidentSampler(File.OpenHandle(Path)) : null;

    /// <summary>Heaps and stacks, in bytes: resident pages less those of mapped files.</summary>
    /// <exception cref="StorageException">The kernel's file cannot be read.</exception>
    public long ReadAnonymousBytes()
    {
        Span<byte> text = stackalloc byte[MaxBytes];
        try
        {
            text = text[..RandomAccess.Read(_file, text, fileOffset: 0)];
        }
        catch (IOException e)
        {
            throw new StorageException($"the memory of this process cannot be read: {e.Message}", e);
        }

        // size resident shared …, in pages.
        if (Utf8Parser.TryParse(text, out long _, out int size)
            && Utf8Parser.TryParse(text[(size + 1)..], out long resident, out int length)
            && Utf8Parser.TryParse(text[(size + length + 2)..], out long shared, out int _))
        {
            return Math.Max(0, resident - shared) * Environment.SystemPageSize;
        }

        throw new StorageException($"the memory of this process cannot be read: {Path} does not begin with three numbers");
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
