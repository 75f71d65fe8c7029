using Restate.Admin.Benchmarks.Hostile;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>What strangers may try over HTTP, on the built program: each is refused as listed, at no cost to others.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class HostileTests
{
    [Fact]
    public Task Nothing_on_the_list_hurts_the_node() =>
        new HostileScenario(new HostileOptions(Only: null, IsQuick: true), new TestOutputWriter()).RunAsync(TestContext.Current.CancellationToken);
}
