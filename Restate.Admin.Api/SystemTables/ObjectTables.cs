using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over virtual objects and workflows: who waits for them, who holds them, their promises and limits.</summary>
internal static class ObjectTables
{
    internal static readonly TableDefinition Inbox = new(
        "sys_inbox",
        "One invocation that waits for its object",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("service_name", "object/workflow name"),
            Text("service_key", "object key"),
            Text("id", "queued invocation id"),
            Number("sequence_number", "position in queue"),
            Time("created_at", "deprecated; null in practice"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition KeyedServiceStatus = new(
        "sys_keyed_service_status",
        "One object whose exclusive lock an invocation holds",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("service_name", "object/workflow name"),
            Text("service_key", "object key"),
            Text("invocation_id", "invocation holding the exclusive lock"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition Locks = new(
        "sys_locks",
        "One lock that is held",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("scope", "scope; null without"),
            Text("lock_name", "service/key"),
            Time("acquired_at", "when taken"),
            Text("acquired_by", "holder id"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition Promise = new(
        "sys_promise",
        "One durable promise of a workflow",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("scope", "scope; null without"),
            Text("service_name", "workflow name"),
            Text("service_key", "workflow id"),
            Text("key", "promise name"),
            Flag("completed", "resolved or rejected"),
            Bytes("completion_success_value", "value it was resolved with, as bytes"),
            Text("completion_success_value_utf8", "the same as text; null where it is not UTF-8"),
            Text("completion_failure", "text it was rejected with"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition Rules = new(
        "sys_rules",
        "One limit rule",
        [
            Text("pattern", "canonical pattern, e.g. scope/*/x"),
            Small("concurrency", "invocations at once; null: no limit"),
            Text("description", "text of its author"),
            Flag("disabled", "it is kept and not applied"),
            Small("version", "number of its version"),
            Time("last_modified", "time of its last change"),
        ])
    {
        WhyEmpty = TableDefinition.NoLimits,
    };

    internal static readonly TableDefinition UserLimits = new(
        "sys_user_limits",
        "One limit by scope and key, with its use",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("scope", "scope"),
            Text("l1", "first key part"),
            Text("l2", "second key part"),
            Text("level", "Scope, Level1 or Level2"),
            Small("usage", "current use"),
            Small("concurrency_limit", "invocations at once; null: no limit"),
            Text("rule_pattern", "rule that sets it"),
            Small("available", "limit minus use"),
            Number("num_waiters", "vqueues waiting"),
        ])
    {
        WhyEmpty = TableDefinition.NoLimits,
    };
}
