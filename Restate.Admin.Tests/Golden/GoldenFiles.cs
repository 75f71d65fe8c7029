using System.Runtime.CompilerServices;
using Xunit;

namespace Restate.Admin.Tests.Golden;

/// <summary>
/// Files that hold stored bytes as a build wrote them once. They never change: data of earlier builds looks like this. A new format
/// gets new files, written by a test run with the environment variable <c>RESTATE_WRITE_GOLDEN=1</c>, which makes what is missing and
/// leaves what exists. RocksDB keeps the name of the host in its tables: run it under one of your choosing
/// (<c>unshare -u sh -c 'hostname golden; RESTATE_WRITE_GOLDEN=1 dotnet test …'</c>).
/// </summary>
internal static class GoldenFiles
{
    private static readonly string Root = Path.GetDirectoryName(Here())!;

    /// <summary>True when missing files are to be made.</summary>
    public static bool Writing => Environment.GetEnvironmentVariable("RESTATE_WRITE_GOLDEN") == "1";

    public static string PathOf(string name) => Path.Combine(Root, name);

    /// <summary>Compares lines with those of the file.</summary>
    public static void Check(string name, IEnumerable<string> actual)
    {
        string[] lines = [.. actual];
        string path = PathOf(name);
        if (Writing && !File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllLines(path, lines);
        }

        Assert.True(File.Exists(path), $"{name} is missing: see {nameof(GoldenFiles)} for how it is made");
        Assert.Equal(Read(name), lines);
    }

    /// <summary>The lines of a file.</summary>
    public static string[] Read(string name) => File.ReadAllLines(PathOf(name));

    private static string Here([CallerFilePath] string path = "") => path;
}
