using System.Runtime.InteropServices;
using Restate.Storage.Rocks.Interop;
using Restate.Storage.Types;

namespace Restate.Storage.Rocks;

/// <summary>RocksDB reported an error.</summary>
internal sealed class RocksException(string message) : StorageException(message)
{
    /// <summary>Throws when a RocksDB call left a message in its error slot, and frees the message.</summary>
    /// <param name="error">The slot; zero means success.</param>
    /// <param name="database">Name of the database, for the message.</param>
    public static void ThrowIfError(nint error, string database)
    {
        if (error == 0)
            return;
        string message = Marshal.PtrToStringUTF8(error) ?? "unknown error";
        RocksNative.Free(error);
        throw new RocksException($"database {database}: {message}");
    }
}
