namespace Restate.Admin.Benchmarks.Scenarios;

/// <summary>What a node's databases have on disk at one moment.</summary>
/// <param name="PartitionFiles">Sizes of the table files of every partition store.</param>
/// <param name="LogFiles">Sizes of the log store's table files.</param>
/// <param name="WalBytes">Size of the log store's write-ahead log.</param>
internal sealed record WritePathDisk(IReadOnlyList<long[]> PartitionFiles, long[] LogFiles, long WalBytes)
{
    public long PartitionBytes => PartitionFiles.Sum(files => files.Sum());

    public long LogBytes => LogFiles.Sum();

    /// <summary>Reads the folders of a node that runs; files that go meanwhile count as empty.</summary>
    public static WritePathDisk Read(string nodeFolder)
    {
        string log = Path.Combine(nodeFolder, "log-store");
        return new WritePathDisk(
            [.. Directory.EnumerateDirectories(Path.Combine(nodeFolder, "db")).Select(partition => Sizes(partition, "*.sst"))],
            Sizes(log, "*.sst"),
            Sizes(log, "*.log").Sum());
    }

    private static long[] Sizes(string folder, string pattern) =>
        [.. new DirectoryInfo(folder).GetFiles(pattern).Select(Size).Where(size => size > 0)];

    private static long Size(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }
}
