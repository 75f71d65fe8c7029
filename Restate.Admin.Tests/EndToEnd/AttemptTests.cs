using Restate.Admin.Benchmarks.Attempts;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The list of attempts, in short, on the built program: each ends as listed, and none hurts the node.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class AttemptTests
{
    private readonly TestOutputWriter _output = new();

    [Fact]
    public Task Nothing_on_the_list_of_attempts_hurts_the_node()
    {
        Installed.RequireSdkService();
        var options = new AttemptsOptions(
            new PostLoad(20, 10),
            Pool: ByteSize.FromMiB(256),
            Timeout: TimeSpan.FromMilliseconds(500),
            Concurrency: 2,
            Rate: 20,
            QuietSeconds: 2,
            Kind: null,
            Ours: true,
            Peer: false,
            PeerDirectory: null);
        return new AttemptsScenario(options, _output, isTimed: false).RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Every_attempt_is_listed_once() =>
        Assert.Empty(AttemptList.All.GroupBy(attempt => attempt.Sql).Where(group => group.Count() > 1).Select(group => group.First().ToString()));
}
