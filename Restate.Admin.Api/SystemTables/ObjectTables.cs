using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over virtual objects and workflows: who waits for them, who holds them, their promises and limits.</summary>
internal static class ObjectTables
{
    internal static readonly TableDefinition Inbox = new(
        "sys_inbox",
        "Invocations that wait for their object",
        [
            Number("partition_key", "sharding key"),
            Text("service_name", "object/workflow name"),
            Text("service_key", "object key"),
            Text("id", "queued invocation id"),
            Number("sequence_number", "position in queue"),
            Time("created_at", "deprecated; null in practice"),
        ]);

    internal static readonly TableDefinition KeyedServiceStatus = new(
        "sys_keyed_service_status",
        "Which invocation holds the exclusive lock of an object",
        [
            Number("partition_key", "sharding key"),
            Text("service_name", "object/workflow name"),
            Text("service_key", "object key"),
            Text("invocation_id", "invocation holding the exclusive lock"),
        ]);

    internal static readonly TableDefinition Locks = new(
        "sys_locks",
        "Locks that are held",
        [
            Number("partition_key", "sharding key"),
            Text("scope", "scope or null"),
            Text("lock_name", "service/key"),
            Time("acquired_at", "when taken"),
            Text("acquired_by", "holder id"),
        ]);

    internal static readonly TableDefinition Promise = new(
        "sys_promise",
        "Durable promises of workflows",
        [
            Number("partition_key", "sharding key"),
            Text("scope", "scope or null"),
            Text("service_name", "workflow name"),
            Text("service_key", "workflow id"),
            Text("key", "promise name"),
            Flag("completed", "resolved or rejected"),
            Bytes("completion_success_value", "success bytes"),
            Text("completion_success_value_utf8", "success as text"),
            Text("completion_failure", "failure text"),
        ]);

    internal static readonly TableDefinition Rules = new(
        "sys_rules",
        "Limit rules",
        [
            Text("pattern", "canonical pattern, e.g. scope/*/x"),
            Small("concurrency", "limit, null = none"),
            Text("description", "free text"),
            Flag("disabled", "parked"),
            Small("version", "rule version"),
            Time("last_modified", "last change"),
        ]);

    internal static readonly TableDefinition UserLimits = new(
        "sys_user_limits",
        "Limits by scope and key, with their use",
        [
            Number("partition_key", "sharding key"),
            Text("scope", "scope"),
            Text("l1", "first key part"),
            Text("l2", "second key part"),
            Text("level", "Scope, Level1, Level2"),
            Small("usage", "current use"),
            Small("concurrency_limit", "limit or null"),
            Text("rule_pattern", "rule that sets it"),
            Small("available", "limit minus use"),
            Number("num_waiters", "vqueues waiting"),
        ]);
}
