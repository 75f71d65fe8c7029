using System.Diagnostics;
using Restate.Admin.Api.Query;
using Restate.Admin.Api.Query.Interop;
using Restate.Admin.Api.Query.Output;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

[Collection(QueryEngineCollection.Name)]
public sealed class LimitTests
{
    private const string Endless = "select count(*) from state a, state b, state c, state d, state e where a.key || b.key || c.key <> d.key || e.key";

    [Fact]
    public async Task Returns_everything_when_a_result_is_given_up_halfway()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(2000, 20));
        for (int i = 0; i < 20; i++)
        {
            await using (QueryResult result = await under.Engine.StartAsync("select * from state", "test", TestContext.Current.CancellationToken))
            {
                using var output = new OutputBuffer(under.Engine.Memory);
                Assert.True(await result.ReadAsync(new JsonRows(result.Columns, output, JsonLayout.Document)));
                Assert.Equal(8, under.State.OpenLeases);
            }

            under.AssertIdle();
        }

        Assert.Equal("""{"c":40000}""", await under.RowsAsync("select count(*) c from state"));
    }

    [Fact]
    public async Task Returns_everything_when_a_result_is_never_read()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(200, 20));
        await (await under.Engine.StartAsync("select * from state", "test", TestContext.Current.CancellationToken)).DisposeAsync();
        under.AssertIdle();
    }

    [Theory]
    [InlineData(Endless)]
    [InlineData("with recursive t(n) as (select 1 union all select n + 1 from t) select max(n) from t where n < 0")]
    [InlineData("select median(a.value_length + b.value_length) over (order by a.key, b.key rows 100000 preceding) m from state a, state b order by m")]
    public async Task Ends_soon_after_the_caller_gave_up(string sql)
    {
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(200, 20));
        using var caller = new CancellationTokenSource();
        Task<string> running = under.JsonAsync(sql, JsonLayout.Document, caller.Token);
        await Eventually.HoldsAsync(() => under.Engine.RunningQueries == 1, "the query runs");
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(running.IsCompleted);
        long cancelled = Stopwatch.GetTimestamp();
        await caller.CancelAsync();
        QueryException failure = await Assert.ThrowsAsync<QueryException>(() => running);
        TestContext.Current.TestOutputHelper?.WriteLine($"ended after {Stopwatch.GetElapsedTime(cancelled)}");
        Assert.Equal(QueryFailure.Cancelled, failure.Failure);
        under.AssertIdle();
    }

    [Theory]
    [InlineData(Endless)]
    [InlineData("select a.key from state a, state b, state c order by md5(a.key || b.key || c.key) limit 1")]
    public async Task Ends_at_the_deadline(string sql)
    {
        await using var under = new EngineUnderTest(
            new FakeStateSource(8).Fill(200, 20), timeout: TimeSpan.FromSeconds(2));
        QueryException failure = await under.FailsAsync(sql);
        Assert.Equal(QueryFailure.Deadline, failure.Failure);
        Assert.Contains("admin.query-engine.query-timeout", failure.Message, StringComparison.Ordinal);
        under.AssertIdle();
        Assert.Equal("""{"c":1}""", await under.RowsAsync("select 1 as c"));
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_loses_its_query()
    {
        await using var under = new EngineUnderTest(
            new FakeStateSource(8).Fill(2000, 20), timeout: TimeSpan.FromSeconds(2));
        await using QueryResult result = await under.Engine.StartAsync("select * from state", "test", TestContext.Current.CancellationToken);
        using var output = new OutputBuffer(under.Engine.Memory);
        var rows = new JsonRows(result.Columns, output, JsonLayout.Document);
        Assert.True(await result.ReadAsync(rows));
        await Task.Delay(Timeout.InfiniteTimeSpan, result.Guard.Token).ContinueWith(_ => { }, TestContext.Current.CancellationToken);
        output.Turn();
        QueryException failure = await Assert.ThrowsAsync<QueryException>(() => result.ReadAsync(rows));
        Assert.Equal(QueryFailure.Deadline, failure.Failure);
    }

    [Fact]
    public async Task A_thread_may_begin_by_giving_large_blocks_back()
    {
        await using var under = new EngineUnderTest();
        for (int i = 0; i < 20; i++)
        {
            nint[] blocks = [.. Enumerable.Range(0, 32).Select(_ => DuckDbNative.MallocX(1 << 20, 0))];
            Assert.DoesNotContain(0, blocks);
            var thread = new Thread(() => Array.ForEach(blocks, block => DuckDbNative.DallocX(block, 0))) { IsBackground = true };
            thread.Start();
            Assert.True(thread.Join(TimeSpan.FromSeconds(20)), "the thread waits for itself");
        }
    }

    [Fact]
    public async Task A_long_value_is_not_copied_for_every_mention_once_memory_is_used_up()
    {
        const long Pool = 320 << 20;
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(10_000, 20), memory: Pool);
        string mentions = string.Join(',', Enumerable.Repeat("t", 1000));
        long refused = LargeAllocations.Refused;
        long peak = 0;
        Task<QueryException> running = under.FailsAsync($"select {mentions} from (select string_agg(value_utf8, ',') t from state)");
        while (!running.IsCompleted)
        {
            peak = Math.Max(peak, under.Engine.MemoryUsageBytes);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        QueryException failure = await running;
        Assert.True(failure.Failure == QueryFailure.OutOfMemory, failure.Message);
        Assert.InRange(LargeAllocations.Refused, refused + 1, long.MaxValue);
        Assert.InRange(peak, 0, Pool + (16 << 20));
        under.AssertIdle();
    }

    [Theory]
    [InlineData("select string_agg(a.value_utf8 || b.value_utf8, ',') from state a, state b")]
    [InlineData("select list(a.value_utf8 || b.key) from state a, state b")]
    [InlineData("select mode(a.value_utf8 || b.value_utf8) from state a, state b")]
    public async Task Runs_out_of_memory_without_harm(string sql)
    {
        const long Pool = 48 << 20;
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(500, 20), memory: Pool);
        for (int i = 0; i < 20; i++)
        {
            QueryException failure = await under.FailsAsync(sql);
            Assert.True(failure.Failure == QueryFailure.OutOfMemory, failure.Message);
            Assert.Contains("admin.query-engine.memory-size is 48 MiB", failure.Message, StringComparison.Ordinal);
            Assert.True(System.Text.RegularExpressions.Regex.IsMatch(failure.Message, "the peak while this one ran was [1-9]"), failure.Message);
        }

        under.AssertIdle();
        Assert.Equal("""{"c":10000}""", await under.RowsAsync("select count(*) c from state"));
    }

    [Theory]
    [InlineData("select count(*) c from (select * from state order by service_key, key, value_utf8)", """{"c":100000}""")]
    [InlineData("select count(*) c from (select service_key, count(*) from state group by service_key)", """{"c":5000}""")]
    [InlineData("select service_key k from state order by service_key desc, key desc limit 1", """{"k":"obj-999"}""")]
    [InlineData("select count(*) c from state a join state b on a.service_key = b.service_key and a.key = b.key", """{"c":100000}""")]
    [InlineData("select max(value_utf8) is not null c from (select value_utf8, row_number() over (order by value_utf8) r from state)", """{"c":true}""")]
    public async Task Answers_from_a_pool_not_much_larger_than_the_rows(string sql, string rows)
    {
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(5000, 20), memory: 32 << 20);
        Assert.Equal(rows, await under.RowsAsync(sql));
        under.AssertIdle();
    }

    /// <summary>In pools in which DuckDB always spilled and always had room for what it cannot: a little below them it runs out of memory.</summary>
    [Theory]
    [InlineData(64, "select count(*) c from (select k, count(*) from pairs group by k)")]
    [InlineData(64, "select count(*) c from pairs x join pairs y on x.k = y.k")]
    [InlineData(96, "select count(*) c from (select row_number() over (order by k, v) r from pairs) where r > 0")]
    public async Task Spills_what_does_not_fit(int mebibytes, string sql)
    {
        const string Pairs = "with pairs as (select a.service_key || b.service_key || a.key as k, a.value_utf8 || b.value_utf8 as v from state a, state b where b.key = 'k1') ";
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(200, 20), memory: (long)mebibytes << 20);
        Task<string> running = under.RowsAsync(Pairs + sql);
        long spilled = 0;
        while (!running.IsCompleted)
        {
            spilled = Math.Max(spilled, under.Engine.SpilledBytes);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.Equal("""{"c":800000}""", await running);
        Assert.True(spilled > 0, "nothing was on disk");
        TestContext.Current.TestOutputHelper?.WriteLine($"spilled {spilled >> 20} MiB");
        Assert.Empty(Directory.EnumerateFiles(under.SpillFolder));
        under.AssertIdle();
    }

    [Fact]
    public async Task Memory_is_changed_while_it_runs()
    {
        const string Sql = "select count(distinct a.value_utf8 || b.key) > 70000 c from state a, state b where b.service_key < 'obj-2'";
        await using var under = new EngineUnderTest(new FakeStateSource(8).Fill(200, 20), memory: 8 << 20);
        Assert.Equal(QueryFailure.OutOfMemory, (await under.FailsAsync(Sql)).Failure);
        under.Engine.Apply(under.Settings with { MemoryBytes = 1 << 30 });
        Assert.Equal(1 << 30, under.Engine.MemoryCapacityBytes);
        Assert.Equal("""{"c":true}""", await under.RowsAsync(Sql));
        under.Engine.Apply(under.Settings with { MemoryBytes = 8 << 20 });
        Assert.Equal(QueryFailure.OutOfMemory, (await under.FailsAsync(Sql)).Failure);
    }

    [Fact]
    public async Task Refuses_when_too_many_run_and_wait()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(2).Fill(200, 20));
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        int running = Math.Max(2, Environment.ProcessorCount);
        var endless = new List<Task>();
        for (int i = 0; i < running; i++)
            endless.Add(Assert.ThrowsAsync<QueryException>(() => under.JsonAsync(Endless, JsonLayout.Document, caller.Token)));
        await Eventually.HoldsAsync(() => under.Engine.RunningQueries == running, "all slots are taken");
        var waiting = new List<Task<QueryException>>();
        for (int i = 0; i < QueryAdmission.MaxWaiting + 1; i++)
            waiting.Add(under.FailsAsync("select 1"));
        QueryException first = await await Task.WhenAny(waiting);
        Assert.Equal(QueryFailure.Busy, first.Failure);

        // Those that wait are refused too when nothing becomes free.
        foreach (QueryException failure in await Task.WhenAll(waiting))
            Assert.Equal(QueryFailure.Busy, failure.Failure);
        await caller.CancelAsync();
        await Task.WhenAll(endless);
        under.AssertIdle();
        Assert.Equal("""{"x":1}""", await under.RowsAsync("select 1 as x"));
    }

    [Fact]
    public async Task A_closed_partition_makes_a_query_unavailable_only_when_it_is_needed()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(100, 2));
        PartitionId closed = under.State.Find(PartitionKey.Of("obj-1"));
        under.State.Closed.Add(closed);
        QueryException failure = await under.FailsAsync("select count(*) from state");
        Assert.Equal(QueryFailure.Unavailable, failure.Failure);
        Assert.Equal($"partition {closed} is not available: closed", failure.Message);
        under.AssertIdle();
        string other = Enumerable.Range(0, 100).Select(i => $"obj-{i}").First(key => under.State.Find(PartitionKey.Of(key)) != closed);
        Assert.Equal("""{"c":2}""", await under.RowsAsync($"select count(*) c from state where service_key = '{other}'"));
        Assert.Equal("""{"c":2}""", await under.RowsAsync("select count(*) c from sys_service"));
    }

    [Fact]
    public async Task A_partition_that_wants_its_lease_back_ends_the_query()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(200, 20));
        under.State.BeforeRow = row =>
        {
            if (row == 2000)
                under.State.Interrupt.Cancel();
        };
        Assert.Equal(QueryFailure.Unavailable, (await under.FailsAsync(Endless)).Failure);
        under.AssertIdle();
    }

    [Fact]
    public async Task A_store_that_cannot_be_read_fails_the_query_and_nothing_else()
    {
        await using var under = new EngineUnderTest(new FakeStateSource(4).Fill(200, 20));
        under.State.BeforeRow = row =>
        {
            if (row == 3000)
                throw new StorageException("partition 3: block checksum mismatch");
        };
        QueryException failure = await under.FailsAsync("select count(*) from state where value_utf8 like '%x%'");
        Assert.Equal(QueryFailure.Internal, failure.Failure);
        Assert.Equal("partition 3: block checksum mismatch", failure.Message);
        under.AssertIdle();
        under.State.BeforeRow = null;
        Assert.Equal("""{"c":4000}""", await under.RowsAsync("select count(*) c from state"));
    }

    [Fact]
    public async Task Empties_its_own_spill_folder_only()
    {
        string folder = Directory.CreateTempSubdirectory("spill-test-").FullName;
        try
        {
            string spill = Path.Combine(folder, "query-tmp");
            Directory.CreateDirectory(Path.Combine(spill, "old"));
            await File.WriteAllTextAsync(Path.Combine(spill, "old", "x.tmp"), "x", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "kept"), "x", TestContext.Current.CancellationToken);
            SpillFolder.Prepare(spill);
            Assert.Empty(Directory.EnumerateFileSystemEntries(spill));
            Assert.True(File.Exists(Path.Combine(folder, "kept")));
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(spill));
            Directory.Delete(spill);
            Directory.CreateSymbolicLink(spill, folder);
            Assert.Throws<IOException>(() => SpillFolder.Prepare(spill));
            Assert.True(File.Exists(Path.Combine(folder, "kept")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
