using Restate.Admin.Benchmarks.Clients;
using Restate.Admin.Benchmarks.Scenarios;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Short versions of the scenarios that the benchmarks project runs at full size; each throws when it sees what it must not.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class ScenarioTests
{
    private readonly TestOutputWriter _output = new();

    [Fact]
    public Task Acknowledged_posts_survive_kills_whole()
    {
        Installed.RequireSdkService();
        var options = new CrashOptions(Rounds: 3, Objects: 24, Keys: 100, Partitions: 6, Seed: Random.Shared.Next(1, int.MaxValue));
        return new CrashScenario(options, _output).RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task A_lower_budget_is_in_force_within_two_ticks_and_gives_memory_back()
    {
        Installed.RequireSdkService();
        var options = new MemoryOptions(IntervalSeconds: 2, LoadMebibytes: 300, Partitions: 24, MovePartitions: false);
        return new MemoryScenario(options, _output).RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task Most_of_what_a_load_added_is_given_back_within_ten_seconds_of_a_lower_budget()
    {
        Installed.RequireSdkService();
        var options = new LoweringOptions(
            Before: ByteSize.FromMiB(2048),
            After: ByteSize.FromMiB(256),
            Load: ByteSize.FromMiB(300),
            Cache: ByteSize.FromMiB(16),
            Partitions: 24,
            Watch: LoweringScenario.Deadline,
            Patience: TimeSpan.FromMinutes(2),
            Ours: true,
            Peer: false,
            PeerDirectory: null);
        return new LoweringScenario(options, _output).RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task Closing_and_opening_partitions_under_posts_and_scans_loses_nothing()
    {
        Installed.RequireSdkService();
        var options = new ChurnOptions(Moves: 40, Partitions: 8, Objects: 24, Keys: 50);
        return new ChurnScenario(options, _output).RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task Many_partitions_open_and_hold_what_the_ledger_says()
    {
        Installed.RequireSdkService();
        var options = new OpenOptions(Partitions: 128, Objects: 1, Seconds: 0);
        return new OpenScenario(options, _output).RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task A_replay_reads_from_the_cache_all_that_it_holds() =>
        new ReplayScenario(new ReplayOptions(Mebibytes: 8, Entries: 100, Logs: 2, Rounds: 1), _output).RunAsync(TestContext.Current.CancellationToken);

    [Fact]
    public Task Ticks_are_timed_on_open_databases_under_writes() =>
        new TicksScenario(new TicksOptions(Partitions: 24, Ticks: 20), _output).RunAsync(TestContext.Current.CancellationToken);

    [Fact]
    public Task Writes_are_timed_with_the_controller_and_without()
    {
        Installed.RequireSdkService();
        var options = new LatencyOptions(
            Alternations: 1, Seconds: 2, LargeRate: 10, SmallRate: 20, Partitions: 4, ByteSize.FromMiB(256), IntervalSeconds: 1, Percent: 0);
        return new LatencyScenario(options, _output).RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task Clients_of_every_manner_leave_nothing_behind()
    {
        Installed.RequireSdkService();
        var options = new ClientsOptions(
            Clients: 20,
            Duration: TimeSpan.FromSeconds(20),
            WarmUp: TimeSpan.FromSeconds(6),
            Window: TimeSpan.FromSeconds(7),
            new PostLoad(Posts: 60, Keys: 100),
            Query: ByteSize.FromMiB(64),
            Seed: 1,
            MemoryAllowance: ByteSize.FromMiB(96));
        return new ClientsScenario(options, _output).RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task A_query_that_does_not_fit_is_refused_and_the_process_lives()
    {
        Installed.RequireSdkService();
        var options = new QueryLimitsOptions(new PostLoad(Posts: 100, Keys: 500), Repeats: 2);
        return new QueryLimitsScenario(options, _output).RunAsync(TestContext.Current.CancellationToken);
    }
}
