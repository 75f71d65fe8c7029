using System.Net;
using System.Text;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary><c>docs/metrics.md</c> against a node that has worked, Prometheus' own check and the peer.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class MetricsDocumentTests : IDisposable
{
    private const string Document = "metrics.md";
    private const string InheritedHeading = "Inherited names";
    private const string AbsentHeading = "Names of Restate that do not exist here";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_family_of_a_loaded_node_is_in_the_document_with_its_type_labels_and_help_and_no_other()
    {
        IReadOnlyList<MetricFamily> families = MetricsPage.Parse(await LoadedPageAsync());
        Assert.All(families, family => Assert.EndsWith(".", family.Help, StringComparison.Ordinal));
        GeneratedDocument.Read(Document).Holds("families", MetricsTable.Write(families));
    }

    [Fact]
    public async Task Promtool_complains_about_the_inherited_names_and_nothing_else()
    {
        Installed.RequirePromtool();
        string page = _folder.Inside("page.txt");
        await File.WriteAllTextAsync(page, await LoadedPageAsync(), Cancelled);
        await using ChildProcess promtool = ChildProcess.Start("/bin/sh", ["-c", $"{Installed.Promtool} check metrics < \"$0\" 2>&1", page]);
        int code = await promtool.WaitAsync(Cancelled);

        // 3: it could read the page and has something to say about it. Anything else is a page that it could not read.
        Assert.True(code is 0 or 3, $"exit code {code}\n{promtool.Output}");
        string[] complaints = [.. promtool.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal)];
        string[] inherited = [.. GeneratedDocument.Read(Document).Rows(InheritedHeading).Select(row => $"{row[0].Trim('`')} {row[1]}").Order(StringComparer.Ordinal)];
        Assert.NotEmpty(inherited);
        Assert.Equal(inherited, complaints);
    }

    [Fact]
    public async Task Every_name_that_the_peer_has_for_RocksDB_exists_here_with_its_type_or_the_document_says_why_not()
    {
        Installed.RequirePeer();
        Dictionary<string, MetricFamily> ours = MetricsPage.Parse(await LoadedPageAsync()).ToDictionary(family => family.Name);
        await using ServerProcess peer = await ServerProcess.StartPeerAsync(PeerInstall.At(directory: null), _folder.Inside("peer"), Cancelled);
        await peer.ServesPartitionsAsync(Cancelled);
        MetricFamily[] theirs = [.. MetricsPage.Parse(await peer.Admin.Http.GetStringAsync(new Uri(peer.Admin.NodeUri, "/metrics"), Cancelled))
            .Where(family => family.Name.Contains("rocksdb", StringComparison.Ordinal) || family.Name.StartsWith("restate_memory_pool_", StringComparison.Ordinal))];
        HashSet<string> absent = [.. GeneratedDocument.Read(Document).Rows(AbsentHeading).SelectMany(row => row[0].Split(", ")).Select(name => name.Trim('`'))];

        Assert.True(theirs.Length > 100, $"the peer has only {theirs.Length} names");
        Assert.Empty(absent.Intersect(ours.Keys));
        Assert.Empty(theirs.Select(family => family.Name).Except(ours.Keys).Except(absent));
        Assert.All(theirs.Where(family => ours.ContainsKey(family.Name)), family => Assert.Equal((family.Name, family.Type), (family.Name, ours[family.Name].Type)));
    }

    /// <summary>The page of a node that has taken writes, flushed, answered queries and refused one.</summary>
    private async Task<string> LoadedPageAsync()
    {
        await using ScriptedEndpoint service = await ScriptedEndpoint.ManifestAsync(ScriptedEndpoint.CounterManifest);
        await using ServerProcess node = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled, "--default-num-partitions", "2");
        await node.Admin.RegisterAsync(new Uri(service.Uri), Cancelled);
        for (int i = 0; i < 20; i++)
        {
            byte[] body = Encoding.UTF8.GetBytes($$"""{"object_key":"object-{{i}}","new_state":{"count":[{{i}}]} }""");
            Assert.Equal(HttpStatusCode.Accepted, await node.Admin.PostStateAsync(body, Cancelled));
        }

        await node.Admin.PostAsync("/partitions/0/flush", Cancelled);
        await node.Admin.PostAsync("/memory/rebalance", Cancelled);
        await node.Sql.RowsAsync("select count(*) as n from state", Cancelled);
        await Assert.ThrowsAsync<SqlException>(() => node.Sql.RowsOnceAsync("select no_such_column from state", Cancelled));
        return await node.Admin.Http.GetStringAsync(new Uri(node.Admin.NodeUri, "/metrics"), Cancelled);
    }
}
