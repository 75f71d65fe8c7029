using Restate.Admin.Api.Query.Tables;
using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over invocations: stored status, the state of their attempts, and both together.</summary>
internal static class InvocationTables
{
    internal static readonly TableDefinition InvocationStatus = new(
        "sys_invocation_status",
        "One invocation as it is stored",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("id", "invocation id"),
            Text("vqueue_id", "its virtual queue; null unless virtual queues are on"),
            Text("status", "inboxed, scheduled, invoked, suspended, paused or completed"),
            Text("completion_result", "success or failure, when completed"),
            Text("completion_failure", "\"[code] message\" on failure"),
            Text("target", "Service/handler or Service/key/handler"),
            Text("target_service_name", "service name"),
            Text("target_service_key", "object key, null for plain services"),
            Text("target_handler_name", "handler name"),
            Text("target_service_ty", "service, virtual_object or workflow"),
            Text("scope", "invocation scope or null"),
            Text("limit_key", "limit key or null"),
            Text("idempotency_key", "client key; an auto-generated ULID when the ingress client sent none"),
            Text("invoked_by", "ingress, service, subscription or restart_as_new"),
            Text("invoked_by_id", "caller invocation id"),
            Text("invoked_by_subscription_id", "Kafka subscription id"),
            Text("invoked_by_service_name", "caller service (invoked_by=service)"),
            Text("invoked_by_target", "caller target"),
            Text("restarted_from", "id of the original (invoked_by=restart_as_new)"),
            Text("pinned_deployment_id", "deployment fixed after first journal entry"),
            Small("pinned_service_protocol_version", "negotiated protocol"),
            Text("trace_id", "trace id; null without tracing"),
            Small("journal_size", "entries in journal"),
            Small("journal_commands_size", "command entries in journal"),
            Time("created_at", "creation time"),
            Text("created_using_restate_version", "server version at creation"),
            Time("modified_at", "last status transition"),
            Time("inboxed_at", "when queued"),
            Time("scheduled_at", "when the delay was recorded"),
            Time("scheduled_start_at", "when the delayed run is due"),
            Time("running_at", "first move to running"),
            Time("completed_at", "completion time"),
            Span("completion_retention", "how long the result is kept"),
            Span("journal_retention", "how long the journal is kept"),
            Numbers("suspended_waiting_for_completions", "completion ids waited on (deprecated)"),
            Numbers("suspended_waiting_for_signals", "signal indexes waited on (deprecated)"),
            Text("suspended_waiting_future_json", "awaited future tree as JSON text"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition InvocationState = new(
        "sys_invocation_state",
        "One invocation as the invoker of its partition sees it",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("id", "invocation id"),
            Flag("in_flight", "an attempt is running now"),
            Number("retry_count", "attempts since the current leader took over"),
            Time("last_start_at", "start of latest attempt"),
            Text("last_attempt_deployment_id", "deployment of latest attempt"),
            Text("last_attempt_server", "SDK name/version of latest attempt"),
            Time("next_retry_at", "start of next attempt"),
            Text("last_failure", "error text of latest failed attempt"),
            Text("last_failure_error_code", "Restate error code of that failure"),
            Number("last_failure_related_command_index", "command index at fault"),
            Text("last_failure_related_command_name", "name of that command"),
            Text("last_failure_related_command_type", "type of that command"),
            Number("last_failure_related_entry_index", "journal index at fault (deprecated)"),
            Text("last_failure_related_entry_name", "name of that entry (deprecated)"),
            Text("last_failure_related_entry_type", "type of that entry (deprecated)"),
            Text("last_awaiting_on_future_json", "future last awaited while in flight"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition Invocation = new(
        "sys_invocation",
        "One invocation: what is stored of it and what the invoker knows, together",
        [
            Text("id", "invocation id"),
            Text("vqueue_id", "its virtual queue; null unless virtual queues are on"),
            Text("target", "Service/handler or Service/key/handler"),
            Text("target_service_name", "service name"),
            Text("target_service_key", "object key, null for plain services"),
            Text("target_handler_name", "handler name"),
            Text("target_service_ty", "service, virtual_object or workflow"),
            Text("scope", "invocation scope or null"),
            Text("limit_key", "limit key or null"),
            Text("idempotency_key", "client key; an auto-generated ULID when the ingress client sent none"),
            Text("invoked_by", "ingress, service, subscription or restart_as_new"),
            Text("invoked_by_service_name", "caller service (invoked_by=service)"),
            Text("invoked_by_id", "caller invocation id"),
            Text("invoked_by_subscription_id", "Kafka subscription id"),
            Text("invoked_by_target", "caller target"),
            Text("restarted_from", "id of the original (invoked_by=restart_as_new)"),
            Text("pinned_deployment_id", "deployment fixed after first journal entry"),
            Small("pinned_service_protocol_version", "negotiated protocol"),
            Text("trace_id", "trace id; null without tracing"),
            Small("journal_size", "entries in journal"),
            Small("journal_commands_size", "command entries in journal"),
            Time("created_at", "creation time"),
            Text("created_using_restate_version", "server version at creation"),
            Time("modified_at", "last status transition"),
            Time("inboxed_at", "when queued"),
            Time("scheduled_at", "when the delay was recorded"),
            Time("scheduled_start_at", "when the delayed run is due"),
            Time("running_at", "first move to running"),
            Time("completed_at", "completion time"),
            Span("completion_retention", "how long the result is kept"),
            Span("journal_retention", "how long the journal is kept"),
            Numbers("suspended_waiting_for_completions", "completion ids waited on (deprecated)"),
            Numbers("suspended_waiting_for_signals", "signal indexes waited on (deprecated)"),
            Text("suspended_waiting_future_json", "awaited future tree as JSON text"),
            Number("retry_count", "attempts since the current leader took over"),
            Time("last_start_at", "start of latest attempt"),
            Time("next_retry_at", "start of next attempt"),
            Text("last_attempt_deployment_id", "deployment of latest attempt"),
            Text("last_attempt_server", "SDK name/version of latest attempt"),
            Text("last_failure", "error text of latest failed attempt"),
            Text("last_failure_error_code", "Restate error code of that failure"),
            Number("last_failure_related_entry_index", "journal index at fault (deprecated)"),
            Text("last_failure_related_entry_name", "name of that entry (deprecated)"),
            Text("last_failure_related_entry_type", "type of that entry (deprecated)"),
            Number("last_failure_related_command_index", "command index at fault"),
            Text("last_failure_related_command_name", "name of that command"),
            Text("last_failure_related_command_type", "type of that command"),
            Text("last_awaiting_on_future_json", "future last awaited while in flight"),
            Text("status", "pending, scheduled, ready, running, paused, backing-off, suspended or completed") with { IsRequired = true },
            Text("completion_result", "success or failure, when completed"),
            Text("completion_failure", "\"[code] message\" on failure"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    private const string ComputedStatus = """
        CASE
            WHEN ss.status = 'inboxed' THEN 'pending'
            WHEN ss.status IN ('scheduled', 'completed', 'suspended', 'paused') THEN ss.status
            WHEN sis.in_flight THEN 'running'
            WHEN ss.status = 'invoked' AND sis.retry_count > 0 THEN 'backing-off'
            ELSE 'ready'
        END AS status
        """;

    /// <summary>What is stored of every invocation, and what the invoker knows where it has it.</summary>
    internal static SqlView InvocationView() => new(
        Invocation.Name,
        Invocation.Columns,
        $"""
        SELECT {string.Join(", ", Invocation.Columns.Select(Expression))}
        FROM {InvocationStatus.Name} ss LEFT JOIN {InvocationState.Name} sis ON ss.id = sis.id
        """)
    {
        Description = Invocation.Description,
        WhyEmpty = Invocation.WhyEmpty,
    };

    private static string Expression(SqlColumn column) => column.Name == "status"
        ? ComputedStatus
        : InvocationStatus.Columns.Any(stored => stored.Name == column.Name) ? $"ss.{column.Name}" : $"sis.{column.Name}";
}
