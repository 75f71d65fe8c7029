using Restate.Storage.Types;

namespace Restate.Storage.Hosting;

/// <summary>Holds a node's directory for this process; the operating system lets go of it however the process ends.</summary>
internal sealed class NodeLock : IDisposable
{
    private readonly FileStream _file;

    private NodeLock(FileStream file) => _file = file;

    /// <summary>Creates the directory when needed and takes the lock.</summary>
    /// <exception cref="StorageException">Another process holds it, or the directory cannot be used.</exception>
    public static NodeLock Take(string directory)
    {
        string path = Path.Combine(directory, "node.lock");
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"base-dir: cannot create the node's directory {directory}: {e.Message}", e);
        }

        try
        {
            return new NodeLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageException($"base-dir: this user may not write in {directory}: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new StorageException($"base-dir: {directory} is in use by another process, or not writable ({e.Message}); stop that process, or give this node another base-dir or node-name", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
