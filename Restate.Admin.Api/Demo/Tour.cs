using System.Globalization;
using System.Net;
using System.Text.Json;
using Restate.Admin.Api.Contracts;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Demo;

/// <summary>What the tour tells of the node.</summary>
/// <param name="Admin">Admin API, as a client on this machine reaches it.</param>
/// <param name="Node">Node port, likewise.</param>
/// <param name="Service">The demo's service endpoint.</param>
/// <param name="DataFolder">Folder of the data.</param>
internal sealed record TourPlaces(Uri Admin, Uri Node, Uri Service, string DataFolder);

/// <summary>Shows what the product is for, on one screen: every figure comes from the call that is printed with it.</summary>
internal sealed class Tour(DemoClient client, TourPlaces places, TextWriter output, TimeProvider time)
{
    /// <summary>The setting that the tour changes.</summary>
    public const string TotalKey = "rocksdb-total-memory-size";

    /// <summary>The call that changes it.</summary>
    public const string PatchPath = "/memory/rocksdb?wait=10s";

    /// <summary>The last line begins with it.</summary>
    public const string Ending = "The demo goes on";

    /// <summary>So many carts that a table of them says something; a few seconds of writing.</summary>
    private const int FirstCarts = 100;

    private const string CountQuery = "select count(*) as n from state where service_name = 'Cart' and key = 'cart'";

    private static readonly string[] QueryLines =
    [
        "select value_utf8->>'city' as city, count(*) as carts,",
        "count(*) filter (where value_utf8->>'status' = 'open') as open,",
        "round(sum(try_cast(value_utf8->>'total' as double)), 2) as euros",
        "from state where service_name = 'Cart' and key = 'cart' and json_valid(value_utf8)",
        "group by 1 order by 4 desc limit 4",
    ];

    private readonly string _admin = places.Admin.GetLeftPart(UriPartial.Authority);
    private readonly string _node = places.Node.GetLeftPart(UriPartial.Authority);

    /// <summary>Prints the tour.</summary>
    /// <exception cref="DemoException">A step failed; the message names it.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await DemoStep.RunAsync("the first carts", WaitForCartsAsync, cancellationToken);
        Head();
        await DemoStep.RunAsync("SQL", QueryAsync, cancellationToken);
        MemoryRocksDbView rocksDb = await DemoStep.RunAsync("memory plan", PlanAsync, cancellationToken);
        await DemoStep.RunAsync("budget change", token => ChangeAsync(rocksDb, token), cancellationToken);
        Next();
        await output.FlushAsync(cancellationToken);
    }

    private void Head()
    {
        string service = places.Service.GetLeftPart(UriPartial.Authority);
        Section("Restate.Admin: one memory budget that holds, SQL over live state, Restate's admin API");
        WriteTable(
            [new("console"), new($"{_admin}/ui/"), new("admin API"), new(_admin)],
            [
                ["Swagger UI", $"{_admin}/swagger", "OpenAPI", $"{_admin}/openapi"],
                ["metrics", $"{_node}/metrics", "services", $"{service} (Cart, Order)"],
                ["health", $"{_node}/health", "data", places.DataFolder],
            ]);
    }

    private async Task WaitForCartsAsync(CancellationToken cancellationToken)
    {
        while (!await HasCartsAsync(cancellationToken))
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
    }

    private async Task<bool> HasCartsAsync(CancellationToken cancellationToken)
    {
        try
        {
            JsonElement row = (await client.QueryAsync(CountQuery, cancellationToken))[0];
            return row.GetProperty("n").GetInt64() >= FirstCarts;
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            // A partition still replays its log.
            return false;
        }
    }

    private async Task QueryAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JsonElement> rows = await client.QueryAsync(string.Join(' ', QueryLines), cancellationToken);
        if (rows.Count == 0)
            throw new DemoException("no cart has state that can be read");
        Section($"1. SQL over live state, while {CartLoad.Rate} carts a second are written");
        Write($"  curl {_admin}/query -H 'accept: application/json' --json \"{{\\\"query\\\": \\\"\\");
        foreach (string line in QueryLines.SkipLast(1))
            Write($"    {line} \\");
        Write($"    {QueryLines[^1]}\\\"}}\"");
        WriteTable(
            [.. rows[0].EnumerateObject().Select(field => new TextColumn(field.Name, field.Value.ValueKind == JsonValueKind.Number))],
            rows.Select(row => (IReadOnlyList<string>)[.. row.EnumerateObject().Select(field => field.Value.ToString())]));
    }

    private async Task<MemoryRocksDbView> PlanAsync(CancellationToken cancellationToken)
    {
        MemoryView memory = await client.GetAsync<MemoryView>("/memory", cancellationToken);
        MemoryRocksDbView rocksDb = await client.GetAsync<MemoryRocksDbView>("/memory/rocksdb", cancellationToken);
        Section("2. The memory plan: pools against the limit of the process, and RocksDB's own");
        Write($"  curl {_admin}/memory; curl {_admin}/memory/rocksdb");
        WriteTable(
            [new("pool"), new("capacity", IsNumber: true), new("used", IsNumber: true), new("set by")],
            memory.Pools.Select(pool => (IReadOnlyList<string>)
            [
                pool.Name, Size(pool.CapacityBytes), Size(pool.UsageBytes),
                pool.ConfigKey is null ? string.Empty : $"{pool.ConfigKey} ({pool.Source})",
            ]));
        MemoryRocksDbPlanView plan = rocksDb.Plan;
        string components = string.Join(", ", plan.Components.Select(component => $"{component.Name} {Size(component.BudgetBytes)}"));
        Write($"  {Size(memory.PlannedBytes)} planned of {Size(memory.Process.LimitBytes)} ({memory.Process.LimitSource})");
        Write($"  rocksdb: memtables {Size(plan.MemtablesBytes)} ({components});");
        Write($"    cache {Size(plan.BlockCacheBytes)} and what memtables leave; each of {plan.OpenPartitions} partitions {Size(plan.PartitionBudgetBytes)}");
        if (memory.Warnings.Count > 0)
            Write($"  warnings, of which GET /memory tells more: {string.Join(", ", memory.Warnings.Select(warning => warning.Code))}");
        return rocksDb;
    }

    private async Task ChangeAsync(MemoryRocksDbView before, CancellationToken cancellationToken)
    {
        MemoryView memory = await client.GetAsync<MemoryView>("/memory", cancellationToken);
        bool overridden = memory.Pools.Any(pool => pool.ConfigKey == TotalKey && pool.Source == "runtime");
        string size = Other(before.Plan.TotalBytes);
        long started = time.GetTimestamp();
        MemoryRocksDbView changed = await client.PatchTotalAsync(size, cancellationToken);
        TimeSpan took = time.GetElapsedTime(started);
        MemoryRebalancesView reports = await client.GetAsync<MemoryRebalancesView>("/memory/rebalances", cancellationToken);
        MemoryRebalanceView report = reports.Rebalances.LastOrDefault(tick => tick.Generation == changed.Generation)
            ?? throw new DemoException($"GET /memory/rebalances has no report of generation {changed.Generation}");

        // What a run before this one left over REST is not the demo's to remove.
        string? back = overridden ? $"{before.Plan.TotalBytes}" : null;
        MemoryRocksDbView restored = await client.PatchTotalAsync(back, cancellationToken);
        Section("3. Another budget for the running node");
        Write($"  curl -X PATCH '{_admin}{PatchPath}' \\");
        Write($"    --json '{{\"{TotalKey}\": \"{size}\"}}'");
        WriteComparison(report);
        string flushes = report.Flushes.Count == 0
            ? "no memtable had to be flushed"
            : $"{report.Flushes.Count} flushes of {Size(report.Flushes.Sum(flush => flush.ExpectedBytes))} started";
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"  applied after {took.TotalSeconds:0.0} s by a tick of {report.DurationMs:0.0} ms (generation {report.Generation}): {flushes},"));
        Write($"  {report.SettingsQueued} write buffers are resized behind it");
        Write(overridden
            ? $"  the override that was there is back: {Size(restored.Plan.TotalBytes)}"
            : $"  {{\"{TotalKey}\": null}} has taken the override away: {Size(restored.Plan.TotalBytes)} again");
        foreach (string failure in report.Failures)
            Write($"  failed: {failure}");
    }

    /// <summary>A smaller total; the smallest there is leaves only a slightly larger one.</summary>
    private static string Other(long total) =>
        total > ByteSize.FromMiB(512).ToInt64() ? "512 MiB" : total > ByteSize.FromMiB(256).ToInt64() ? "256 MiB" : "288 MiB";

    private void WriteComparison(MemoryRebalanceView report)
    {
        (MemoryFiguresView from, MemoryFiguresView to) = (report.Before, report.After);
        WriteTable(
            [new(string.Empty), new("before", IsNumber: true), new("after", IsNumber: true)],
            [
                ["block cache capacity", Size(from.TotalBytes), Size(to.TotalBytes)],
                ["write buffer manager", Size(from.MemtablesBytes), Size(to.MemtablesBytes)],
                ["budget of a partition", Size(from.PartitionBudgetBytes), Size(to.PartitionBudgetBytes)],
                ["bytes in memtables", Size(from.MemtableUsageBytes), Size(to.MemtableUsageBytes)],
            ]);
    }

    private void Next()
    {
        Section("Next");
        Write($"  curl {_admin}/memory/partitions");
        Write($"  curl -X POST {_admin}/partitions/3/close   # the others get its budget; undo: /open");
        Write($"  curl -s {_node}/metrics | grep restate_rocksdb_memory");
        Write($"  RESTATE_ADMIN_URL={_admin} npx -y @restatedev/restate@1.7.12 services list");
        Write($"{Ending} until Ctrl-C.");
    }

    private static string Size(long bytes) => new ByteSize((ulong)Math.Max(0, bytes)).ToString();

    private void Section(string title)
    {
        Write(string.Empty);
        Write(title);
    }

    private void WriteTable(IReadOnlyList<TextColumn> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        foreach (string line in TextTable.Format(columns, rows))
            Write("    " + line);
    }

    private void Write(string line) => output.WriteLine(line);
}
