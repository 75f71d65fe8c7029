using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Restate.Admin.Api.WebConsole;

/// <summary>
/// The files of the console. They are resources of the assembly, found by their whole name in a fixed dictionary: no path of a request
/// ever reaches a file system.
/// </summary>
internal static class ConsoleFiles
{
    private const string ResourcePrefix = "console/";

    private const string IndexName = "index.html";

    /// <summary>How the index refers to its own files; with more folders in the address it has to reach further up.</summary>
    private const string OwnFolder = "\"./";

    private static readonly Lazy<FrozenDictionary<string, ConsoleFile>> Files = new(Load);

    /// <summary>Names of all files.</summary>
    public static IEnumerable<string> Names => Files.Value.Keys;

    /// <summary>The file of this name; null where there is none.</summary>
    public static ConsoleFile? Find(string name) => Files.Value.GetValueOrDefault(name);

    /// <summary>The page itself, for an address that is so many folders below that of the console.</summary>
    public static ConsoleFile Index(int depth)
    {
        ConsoleFile index = Files.Value[IndexName];
        if (depth == 0)
            return index;
        string up = "\"" + string.Concat(Enumerable.Repeat("../", depth));
        return Create(IndexName, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(index.Bytes.Span).Replace(OwnFolder, up, StringComparison.Ordinal)));
    }

    private static FrozenDictionary<string, ConsoleFile> Load()
    {
        Assembly assembly = typeof(ConsoleFiles).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .ToFrozenDictionary(
                resource => resource[ResourcePrefix.Length..],
                resource => Create(resource, Read(assembly, resource)),
                StringComparer.Ordinal);
    }

    private static ConsoleFile Create(string name, byte[] bytes) => new(
        Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".txt" => "text/plain; charset=utf-8",
            string other => throw new InvalidOperationException($"the console has no media type for '{other}'"),
        },
        $"W/\"{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 16))}\"",
        bytes);

    private static byte[] Read(Assembly assembly, string resource)
    {
        using Stream stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"the resource '{resource}' is missing");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
