using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Tests.Storage.Partitions;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Configuration;
using Restate.Storage.Hosting;
using Restate.Storage.Partitions;
using Restate.Storage.Processing;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Hosting;

/// <summary>The storage of a node, opened as the program opens it; only the clock stands still.</summary>
internal static class NodeUnderTest
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string NewDirectory() => Directory.CreateTempSubdirectory("restate-node-").FullName;

    /// <param name="baseDir">Its <c>base-dir</c>; the node is <c>n1</c>.</param>
    /// <param name="settings">More settings, <c>key=value</c> as in TOML.</param>
    public static ConfigurationStore Configuration(string baseDir, params string[] settings) => ConfigurationLoader.Load(
        CommandLine.Parse(
            ["--base-dir", baseDir, "--node-name", "n1", "--default-num-partitions", "2", .. settings.SelectMany(setting => new[] { "--set", setting })]),
        new Dictionary<string, string>(),
        "host-1",
        () => 4L << 30);

    public static Task<RestateStorage> OpenAsync(string baseDir, params string[] settings) => OpenAsync(baseDir, new FakeTimeProvider(), settings);

    public static Task<RestateStorage> OpenAsync(string baseDir, TimeProvider time, params string[] settings) =>
        RestateStorage.OpenAsync(Configuration(baseDir, settings), time, NullLoggerFactory.Instance, Cancel);

    public static async Task PutAsync(RestateStorage node, string key, string scope, params (string Key, byte[] Value)[] entries)
    {
        using var writer = new StateWriter();
        foreach ((string entryKey, byte[] value) in entries)
        {
            writer.BeginEntry(TestMutations.Bytes(entryKey));
            writer.AppendValue(value);
        }

        await writer.AppendAsync(node.Partitions, scope, "Counter", TestMutations.Bytes(key), [], new FakeTimeProvider(), Cancel);
    }

    public static async Task<List<string>> RowsAsync(RestateStorage node)
    {
        await Eventually.HoldsAsync(
            () => node.Partitions.Status().All(status => status.State == PartitionState.Open && status.AppliedLsn == status.TailLsn), "all is applied");
        var rows = new List<string>();
        for (ushort id = 0; id < node.Partitions.PartitionCount; id++)
        {
            using PartitionScanLease lease = await node.Partitions.AcquireScanAsync(new PartitionId(id), Cancel);
            rows.AddRange(TestMutations.Rows(lease, StateScanRange.All));
        }

        return rows;
    }
}
