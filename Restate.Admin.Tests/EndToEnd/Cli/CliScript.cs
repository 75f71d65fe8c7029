namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>What the client is asked to do on both servers, by subject. The steps of a subject build on each other.</summary>
internal static partial class CliScript
{
    /// <summary>Well-formed ids that nothing has.</summary>
    private const string NoInvocation = "inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO";
    private const string NoDeployment = "dp_131VxC8Dz7iarncvzEBhjDX";

    /// <summary>The subjects and their steps.</summary>
    public static IReadOnlyDictionary<string, CliStep[]> Subjects { get; } = new Dictionary<string, CliStep[]>
    {
        ["whoami"] =
        [
            new("whoami")
            {
                Shows = "is healthy!",
                Differences = [new(@" Advertised ingress address  http://\S+ *\n", string.Empty, "this node has no ingress yet, and /version says so")],
            },
            new("config", "list-environments") { Shows = "local" },
        ],
        ["services"] = Services,
        ["settings"] = Settings,
        ["deployments"] = Deployments,
        ["state"] = State,
        ["sql"] = Sql,
        ["invocations"] = Invocations,
        ["others"] = Others,
    };

    private static CliStep[] Services =>
    [
        new("services", "list") { Unordered = true, Shows = "Counter" },
        new("services", "list", "--public-only") { Unordered = true, Shows = "Counter" },
        new("services", "list", "--extra") { Unordered = true, Shows = "touch" },
        new("services", "list", "--table-style", "borders") { Unordered = true, Shows = "Counter" },
        new("services", "describe", "Counter") { Unordered = true, Shows = "VirtualObject" },
        new("services", "describe", "Greeter") { Unordered = true, Shows = "application/octet-stream" },
        new("services", "describe", "Order") { Unordered = true, Shows = "Workflow" },
        new("services", "describe", "Counter", "--time-format", "iso8601") { Unordered = true, Shows = "<time>" },
        new("services", "describe", "Nope") { Exit = 1, Shows = "The requested service 'Nope' does not exist" },
        new("services", "status") { Unordered = true, Shows = "OLDEST-NON-SUSPENDED-INVOCATION" },
        new("services", "status", "Counter") { Unordered = true, Shows = "Counter virtual object" },
        new("services", "status", "Greeter") { Unordered = true, Shows = "configured" },
        new("services", "status", "Order") { Unordered = true, Shows = "Order workflow" },
        new("services", "status", "Counter", "--locked-keys-limit", "2", "--sample-invocations-limit", "1") { Unordered = true, Shows = "Counter" },
        new("services", "status", "Nope") { Exit = 1, Shows = "The requested service 'Nope' does not exist" },
    ];

    private static CliStep[] Settings =>
    [
        new("services", "config", "view", "Counter") { Shows = "Idempotent requests retention:  12h" },
        new("services", "config", "view", "Greeter") { Unordered = true, Shows = "Journal retention:  1d" },
        new("services", "config", "view", "Order") { Unordered = true, Shows = "Workflow retention time:" },
        new("services", "config", "view", "Nope") { Exit = 1, Shows = "The requested service 'Nope' does not exist" },
        new("services", "config", "patch", "Order", "--public", "true", "--idempotency-retention", "5 hours", "--yes") { Shows = "5h" },
        new("services", "config", "view", "Order") { Unordered = true, Shows = "5h" },
        new("services", "config", "patch", "Plain", "--inactivity-timeout", "90s", "--abort-timeout", "PT5M", "--journal-retention", "2d", "--yes") { Shows = "1m 30s" },
        new("services", "config", "view", "Plain") { Shows = "1m 30s" },
        new("services", "config", "patch", "Counter", "--workflow-completion-retention", "2d", "--yes") { Exit = 1, Shows = "modifying retention time" },
        new("services", "config", "patch", "Nope", "--public", "false", "--yes") { Exit = 1, Shows = "Nope" },
        new("services", "config", "patch", "Counter", "--public", "false") { Exit = 1, Shows = "User aborted" },
        new("services", "config", "patch", "Counter", "--inactivity-timeout", "rubbish") { Exit = 2, Shows = "rubbish" },
    ];

    private static CliStep[] State =>
    [
        Patch("a", """[{"op":"add","path":"/text","value":"before"},{"op":"add","path":"/n","value":42},{"op":"add","path":"/o","value":{"list":[1,2]}}]"""),
        new("state", "get", "Counter", "a", "--plain") { Eventually = true, Shows = """{"n":42,"o":{"list":[1,2]},"text":"before"}""" },
        new("state", "get", "Counter", "a") { Unordered = true, Shows = "\"before\"" },
        new("state", "get", "Counter", "a", "--binary") { Unordered = true, Shows = "NDI=" },
        new("state", "get", "Counter", "nobody") { Shows = "KEY  VALUE" },
        new("state", "get", "Counter", "nobody", "--plain") { Shows = "{}" },
        new("state", "get", "Counter", "it's") { Exit = 1, Shows = "SQL error", OwnWords = "the client does not double the quote in its SQL; each engine refuses that in its words" },
        new("state", "get", "Nope", "a") { Shows = "does not exist in the registry" },
        new("state", "get", "Greeter", "a") { Exit = 1, Shows = "Only virtual objects and workflows support state" },
        new("state", "edit", "Counter", "a", "--yes") { Unordered = true, Shows = "Successfully submitted state update" },
        new("state", "get", "Counter", "a", "--plain") { Eventually = true, Shows = """{"n":42,"o":{"list":[1,2]},"text":"after"}""" },
        Patch("a", """[{"op":"replace","path":"/n","value":43},{"op":"remove","path":"/o"}]"""),
        new("state", "get", "Counter", "a", "--plain") { Eventually = true, Shows = """{"n":43,"text":"after"}""" },
        Patch("a", """[{"op":"replace","path":"/text","value":"grün 'x' \" \\ ☃"}]"""),
        new("state", "get", "Counter", "a", "--plain") { Eventually = true, Shows = "☃" },
        Patch("a", """[{"op":"add","path":"/raw","value":"AP-A"}]""", "--binary", "--force"),
        new("state", "get", "Counter", "a", "--binary", "--plain") { Eventually = true, Shows = "AP-A" },
        new("state", "get", "Counter", "a") { Exit = 1, Shows = "unable to convert the value of state key \"raw\" to JSON" },
        Patch("key with/slash, ☃", """[{"op":"add","path":"/text","value":"before"}]"""),
        new("state", "get", "Counter", "key with/slash, ☃", "--plain") { Eventually = true, Shows = """{"text":"before"}""" },
        new("state", "edit", "Counter", "key with/slash, ☃", "--binary", "--force", "--yes") { Shows = "Successfully submitted state update" },
        new("state", "get", "Counter", "key with/slash, ☃", "--plain") { Eventually = true, Shows = """{"text":"after"}""" },
        new("state", "patch", "Order", "w1", "--patch", """[{"op":"add","path":"/status","value":"new"}]""", "--yes") { Shows = "Successfully" },
        new("state", "get", "Order", "w1", "--plain") { Eventually = true, Shows = """{"status":"new"}""" },
        new("state", "patch", "Counter", "a", "--binary", "--patch", """[{"op":"replace","path":"/nope","value":1}]""", "--yes") { Exit = 1, Shows = "path is invalid" },
        new("state", "patch", "Counter", "a", "--patch", "rubbish", "--yes") { Exit = 1, Shows = "Parsing JSON patch" },
        new("state", "patch", "Counter", "a", "--binary", "--patch", """[{"op":"remove","path":"/raw"}]""") { Unordered = true, Exit = 1, Shows = "User aborted" },
        new("state", "clear", "Counter") { Unordered = true, Exit = 1, Shows = "User aborted" },
        new("state", "clear", "Counter/a", "--yes") { Unordered = true, Shows = "Enqueued successfully" },
        new("state", "get", "Counter", "a", "--plain") { Eventually = true, Shows = "{}" },
        new("state", "get", "Counter", "key with/slash, ☃", "--plain") { Shows = """{"text":"after"}""" },
        new("state", "clear", "Counter/nobody", "--yes") { Exit = 1, Shows = "No state found!" },
        new("state", "clear", "Nope", "--yes") { Exit = 1, Shows = "No state found!" },
        new("state", "clear", "Counter", "--force", "--yes") { Unordered = true, Shows = "Enqueued successfully" },
        new("state", "get", "Counter", "key with/slash, ☃", "--plain") { Eventually = true, Shows = "{}" },
        new("state", "clear", "Order", "--yes") { Shows = "Enqueued successfully" },
        new("sql", "select count(*) as n from state where service_name in ('Counter', 'Order')", "--jsonl") { Eventually = true, Shows = """{"n":0}""" },
    ];

    private static CliStep[] Invocations =>
    [
        .. new string[][]
        {
            [], ["--service", "Counter", "--handler", "add"], ["--status", "running", "--limit", "3", "--oldest-first"],
            ["--status", "pending", "--status", "backing-off"], ["--key", "a", "--virtual-objects-only"], ["--zombie"], ["--all"],
            ["--completion-result", "failure"], ["--status", "completed"], ["--deployment", "{id:base}", "--status", "pending"],
            ["--deployment", "{id:base}", "--zombie"], ["--deployment", NoDeployment],
        }.Select(filter => new CliStep(["invocations", "list", .. filter]) { Shows = "Showing 0/0 invocations" }),
        new("invocations", "list", "--status", "rubbish") { Exit = 2, Shows = "rubbish" },
        new("invocations", "describe", NoInvocation) { Exit = 1, Shows = $"Invocation {NoInvocation} not found!" },
        new("invocations", "describe", "rubbish") { Exit = 1, Shows = "nvocation", OwnWords = "the peer refuses the comparison with what is no id; here it matches nothing" },
        .. from verb in new[] { "cancel", "kill", "purge", "pause", "resume", "restart-as-new" }
           from query in new[] { NoInvocation, "Counter", "Counter/add", "Counter/a/add" }
           select new CliStep("invocations", verb, query, "--yes") { Exit = 1, Shows = $"No invocations found for query {query}!" },
        new("invocations", "cancel", "--kill", "Greeter", "--yes") { Exit = 1, Shows = "No invocations found" },
        new("invocations", "resume", NoInvocation, "--deployment", "latest", "--yes") { Exit = 1, Shows = "No invocations found" },
    ];

    private static CliStep[] Others =>
    [
        new("rules", "list") { Shows = "No rules defined." },
        new("rules", "list", "--extra") { Shows = "No rules defined." },
        new("rules", "delete", "s1/*", "--yes") { Exit = 1, Shows = "s1/*" },
        new("rules", "disable", "s1/*", "--yes") { Exit = 1, Shows = "s1/*" },
        new("vqueues", "list") { Shows = "No virtual queues found." },
        new("vqueues", "describe", "rubbish") { Exit = 2, Shows = "bad format" },
        new("subscriptions", "list") { Shows = "No subscriptions registered." },
        new("subscriptions", "list", "--sink", "service://Counter/add") { Shows = "No subscriptions registered." },
        new("subscriptions", "describe", "sub_16CQUlphiixt9i2ujpONA0V") { Exit = 1, Shows = "The requested subscription" },
        new("subscriptions", "describe", "sub_1aaa") { Exit = 1, Shows = "Protocol error" },
        new("subscriptions", "create", "--yes", "kafka://c1/topic", "service://Counter/add") { Exit = 1, Shows = "Kafka cluster 'c1' not found. Available clusters: []" },
        new("subscriptions", "create", "--yes", "kafka://c1/topic", "service://Nope/add") { Exit = 1, Shows = "cannot find service/handler" },
        new("subscriptions", "create", "--yes", "http://c1/topic", "service://Counter/add") { Exit = 1, Shows = "META0009" },
        new("kafka-clusters", "list") { Shows = "No Kafka clusters registered." },
        new("kafka-clusters", "describe", "c1") { Exit = 1, Shows = "The requested Kafka cluster 'c1' does not exist" },
        new("kafka-clusters", "delete", "c1", "--yes") { Exit = 1, Shows = "The requested Kafka cluster 'c1' does not exist" },
        new("kafka-clusters", "create", "--yes", "c1", "group.id=x") { Exit = 1, Shows = "must contain either 'bootstrap.servers' or 'metadata.broker.list'" },
    ];

    private static CliStep Patch(string key, string patch, params string[] more) =>
        new(["state", "patch", "Counter", key, "--patch", patch, "--yes", .. more]) { Unordered = true, Shows = "Successfully submitted state update" };
}
