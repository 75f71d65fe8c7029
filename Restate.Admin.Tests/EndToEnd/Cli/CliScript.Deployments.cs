namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>Steps about deployments and SQL.</summary>
internal static partial class CliScript
{
    private const string ConnectionRefused = "h2 pool connection error: Connection refused \\(os error \\d+\\)";

    private static CliStep[] Deployments =>
    [
        new("deployments", "list") { Unordered = true, Shows = "- Counter [1]" },
        new("deployments", "list", "--extra") { Unordered = true, Shows = "Active" },
        new("deployments", "describe", "{id:base}") { Unordered = true, Shows = "Revision: 1 [Latest]" },
        new("deployments", "describe", "{id:base}", "--extra") { Unordered = true, Shows = "ACTIVE-INVOCATIONS" },
        new("deployments", "describe", NoDeployment) { Exit = 1, Shows = "does not exist" },
        new("deployments", "describe", "rubbish") { Exit = 1, Shows = "Protocol error" },
        new("deployments", "register", "{base}", "--yes") { Shows = "Deployment already exists with id <deployment base>" },
        new("deployments", "register", "{base}", "--force", "--yes") { Unordered = true, Shows = "Revision: 1 -> 2" },
        new("deployments", "register", "{next}") { Unordered = true, Exit = 1, Shows = "farewell" },
        new("deployments", "register", "{next}", "--yes", "--metadata", "team=storage", "--metadata", "tier=1", "--extra-header", "x-trace=on")
        {
            Unordered = true,
            Shows = "Deployment ID:  <deployment next>",
        },
        new("deployments", "describe", "{id:next}", "--extra") { Unordered = true, Shows = "x-trace: on" },
        new("deployments", "describe", "{id:base}") { Unordered = true, Shows = "Latest 3 is in deployment ID <deployment next>" },
        new("deployments", "list", "--extra") { Unordered = true, Shows = "Drained" },
        new("services", "list") { Unordered = true, Shows = "<deployment next>" },
        new("deployments", "remove", "{id:base}") { Unordered = true, Exit = 1, Shows = "User aborted" },
        new("deployments", "remove", "{id:base}", "--yes") { Unordered = true, Shows = "removed successfully" },
        new("deployments", "remove", "{id:base}", "--yes") { Exit = 1, Shows = "does not exist" },
        new("deployments", "register", "{retyped}", "--yes") { Exit = 1, Shows = "META0006" },
        new("deployments", "register", "{retyped}", "--breaking", "--yes") { Unordered = true, Shows = "Deployment ID:  <deployment retyped>" },
        new("services", "describe", "Counter") { Unordered = true, Shows = "<deployment retyped>" },
        new("deployments", "remove", "{id:retyped}", "--yes") { Unordered = true, Exit = 1 },
        new("deployments", "remove", "{id:retyped}", "--force", "--yes") { Unordered = true, Shows = "removed successfully" },
        new("services", "list") { Unordered = true, Shows = "<deployment next>" },
        new("deployments", "register", "{http1}", "--yes") { Exit = 1, Shows = "META0014" },
        new("deployments", "register", "{http1}", "--use-http1.1", "--yes") { Unordered = true, Shows = "Deployment ID:  <deployment http1>" },
        new("deployments", "describe", "{id:http1}") { Unordered = true, Shows = "HTTP/1.1" },
        new("deployments", "register", "{base}", "--yes") { Unordered = true, Shows = "Deployment ID:  <deployment base>" },
        new("deployments", "register", "http://127.0.0.1:1", "--yes")
        {
            Exit = 1,
            Shows = "META0003",
            Differences = [new(ConnectionRefused, "Connection refused", "the peer repeats the words of its HTTP library")],
        },
        new("deployments", "list") { Unordered = true, Shows = "<base>/" },
    ];

    private static CliStep[] Sql =>
    [
        .. new string[][] { [], ["--json"], ["--jsonl"] }.SelectMany(format => new[]
        {
            Query("select name, ty, public from sys_service order by name", "Counter", format),
            Query("select count(*) as n from state where service_key = 'nobody'", "0", format),
            Query("select * from state where service_key = 'nobody'", "0 rows.", format),
            Query("select 1 as a, 'x' as b, null as c, true as d, 1.5 as e", "1.5", format),
        }),
        new("state", "patch", "Plain", "sql", "--patch", """[{"op":"add","path":"/a","value":"text"},{"op":"add","path":"/b","value":[1,2]}]""", "--yes") { Unordered = true },
        new("sql", "select * from state where service_name = 'Plain' order by key") { Eventually = true, Shows = "2 rows." },
        Query("select * from state where service_name = 'Plain' order by key", "74657874", "--json"),
        Query("select * from state where service_name = 'Plain' order by key", "74657874", "--jsonl"),
        Query("select service_name, count(*) as n, sum(value_length) as bytes from state group by service_name", "Plain", "--json"),
        Query("select ty, endpoint, min_service_protocol_version, max_service_protocol_version from sys_deployment where id = '{id:base}'", "http", "--json"),
        Query("select s.name, d.endpoint from sys_service s join sys_deployment d on d.id = s.deployment_id order by s.name", "Counter"),
        Query("select count(*) as n from sys_invocation", "0", "--json"),
        Query("select column_name, data_type, is_nullable from information_schema.columns where table_name = 'state' order by ordinal_position", "LargeBinary"),
        Query("select table_name, table_type from information_schema.tables where table_schema = 'public' and table_name like 'sys_inv%' order by table_name", "VIEW"),
        Query("select count(*) as n from information_schema.columns where table_name = 'sys_journal' and column_name in ('version', 'entry_json', 'appended_at')", "3"),
        Failing("selec 1", "selec"),
        Failing("select * from nope", "nope"),
        Failing("select nope from state", "nope"),
        Failing("delete from state", "Error:"),
        new("state", "clear", "Plain", "--yes") { Unordered = true, Shows = "Enqueued successfully" },
    ];

    private static CliStep Query(string sql, string shows, params string[] format) => new(["sql", sql, .. format]) { Shows = shows };

    private static CliStep Failing(string sql, string shows) => new("sql", sql)
    {
        Exit = 1,
        Shows = shows,
        OwnWords = "another SQL engine finds the same mistakes in another order, and 400 is the status of all that the caller wrote",
    };
}
