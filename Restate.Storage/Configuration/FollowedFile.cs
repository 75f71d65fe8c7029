using System.IO.Hashing;

namespace Restate.Storage.Configuration;

/// <summary>
/// A file that is looked at again and again. Reading it sees a write in place, a rename over it, a swapped symbolic link above it
/// (Kubernetes replaces <c>..data</c>), deletion and return alike, on every file system, and costs one small read. A content is taken
/// once two readings in a row found it, so that a file that is just being written is not read in half. Not thread-safe.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="taken">XXH3-128 of the content that is in use.</param>
public sealed class FollowedFile(string path, UInt128 taken)
{
    /// <summary>Time between two readings that its users keep.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private UInt128 _taken = taken;
    private UInt128 _seen = taken;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Reads a file at the start.</summary>
    /// <exception cref="IOException">It cannot be read, or is larger than 1 MiB.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a folder.</exception>
    public static (FollowedFile File, byte[] Content) Open(string path)
    {
        byte[] content = ConfigurationFileReader.Read(path);
        return (new FollowedFile(path, XxHash128.HashToUInt128(content)), content);
    }

    /// <summary>Reads the file while the node runs.</summary>
    /// <returns>The content, when it is another than the one in use and was found twice; it then is the one in use. Else null.</returns>
    /// <exception cref="IOException">It cannot be read, is a pipe or the like, or larger than 1 MiB.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public byte[]? ReadChange()
    {
        byte[] content = ConfigurationFileReader.ReadWithoutWaiting(path);
        UInt128 hash = XxHash128.HashToUInt128(content);
        bool settled = hash == _seen;
        _seen = hash;
        if (!settled || hash == _taken)
            return null;
        _taken = hash;
        return content;
    }
}
