using System.Runtime.CompilerServices;
using Restate.Admin.Api.Query.Tables;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>
/// An engine with every table that Restate's CLI reads, all columns of each, and a few invocations. Times are RFC 3339 texts, which
/// order like times.
/// </summary>
internal static class CliEngine
{
    /// <summary>The statements of the CLI by their name, as it sends them.</summary>
    internal static IReadOnlyDictionary<string, string> Statements { get; } = ReadStatements();

    internal static EngineUnderTest Start()
    {
        var state = new FakeStateSource(4);
        state.Add("SvCounter", "z", "count", "7");
        state.Add("SvCounter", "a", "count", "1");
        state.Add("Nope", "a", "k", "v");
        return new EngineUnderTest(state, more: [.. Tables()]);
    }

    private static IEnumerable<MemoryTable> Tables()
    {
        foreach (string line in File.ReadAllLines(Data("cli-tables.txt")))
        {
            string[] parts = line.Split(": ");
            SqlColumn[] columns = [.. parts[1].Split(", ").Select(column => new SqlColumn(
                column.Split(' ')[0],
                column.Split(' ')[1] switch
                {
                    "u64" or "dur" => SqlType.UInt64,
                    "u32" => SqlType.UInt32,
                    "bool" => SqlType.Boolean,
                    "bin" => SqlType.Binary,
                    _ => SqlType.Utf8,
                }))];
            object?[][] rows = [.. Rows(parts[0]).Select(row => columns.Select(column => row.GetValueOrDefault(column.Name)).ToArray())];
            yield return new MemoryTable(parts[0], columns, () => rows);
        }
    }

    private static IEnumerable<Dictionary<string, object?>> Rows(string table) => table switch
    {
        "sys_invocation" => Invocations(("ready", "pending", "completed", "running")),
        "sys_invocation_status" => Invocations(("invoked", "inboxed", "completed", "invoked")),
        "sys_inbox" => [
            new() { ["service_name"] = "SvFlow", ["service_key"] = "k1", ["id"] = "inv_2", ["sequence_number"] = 1UL },
            new() { ["service_name"] = "SvFlow", ["service_key"] = "k1", ["id"] = "inv_5", ["sequence_number"] = 2UL },
            new() { ["service_name"] = "SvFlow", ["service_key"] = "k2", ["id"] = "inv_6", ["sequence_number"] = 3UL }],
        "sys_deployment" => [new() { ["id"] = "dp_1", ["ty"] = "http" }],
        "sys_journal" => [
            Entry(0, "Command: Input", ""), Entry(1, "Command: Run", "charge"), Entry(2, "Notification: Run", null)],
        "sys_rules" => [
            new() { ["pattern"] = "s1/*", ["concurrency"] = 5U, ["disabled"] = false, ["version"] = 1U },
            new() { ["pattern"] = "a/*", ["concurrency"] = null, ["disabled"] = true, ["version"] = 2U }],
        "sys_vqueue_meta" => [new() { ["id"] = "vq_1", ["is_active"] = true, ["num_inbox"] = 3UL }],
        "information_schema.columns" => [.. new[] { "id", "promise_name", "version", "entry_json", "appended_at" }
            .Select(name => new Dictionary<string, object?> { ["table_name"] = "sys_journal", ["column_name"] = name })],
        _ => [],
    };

    private static Dictionary<string, object?>[] Invocations((string First, string Second, string Third, string Fourth) status) =>
    [
        Invocation("inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO", "SvGreeter", null, "slow", status.First, "01", "dp_1", 2),
        Invocation("inv_2", "SvFlow", "k1", "run", status.Second, "02", null, null),
        Invocation("inv_3", "SvFlow", "k2", "run", status.Third, "03", "dp_gone", 0),
        Invocation("inv_4", "SvFlow", "k1", "run", status.Fourth, "04", "dp_16UANpcURqZT4SxxbyFBY6R", 3),
        Invocation("inv_5", "SvFlow", "k1", "run", status.Second, "05", null, null),
        Invocation("inv_7", "Cart", "a", "add", status.Fourth, "06", "dp_1", 1),
    ];

    private static Dictionary<string, object?> Invocation(
        string id, string service, string? key, string handler, string status, string minute, string? deployment, int? retries) => new()
        {
            ["id"] = id,
            ["target"] = key is null ? $"{service}/{handler}" : $"{service}/{key}/{handler}",
            ["target_service_name"] = service,
            ["target_service_key"] = key,
            ["target_handler_name"] = handler,
            ["target_service_ty"] = key is null ? "service" : "virtual_object",
            ["status"] = status,
            ["created_at"] = $"2026-01-02T03:{minute}:00Z",
            ["modified_at"] = $"2026-01-02T04:{minute}:00Z",
            ["pinned_deployment_id"] = deployment,
            ["retry_count"] = (ulong?)retries,
        };

    private static Dictionary<string, object?> Entry(uint index, string type, string? name) => new()
    {
        ["id"] = "inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO",
        ["index"] = index,
        ["entry_type"] = type,
        ["name"] = name,
        ["completed"] = false,
        ["version"] = 2U,
    };

    private static Dictionary<string, string> ReadStatements()
    {
        var statements = new Dictionary<string, string>();
        string name = "";
        foreach (string line in File.ReadAllLines(Data("cli-statements.sql")))
        {
            if (line.StartsWith("-- A", StringComparison.Ordinal))
                statements[name = line.Split(' ')[1]] = "";
            else
                statements[name] += statements[name].Length == 0 ? line : $"\n{line}";
        }

        return statements;
    }

    private static string Data(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, file);
}
