using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over virtual queues.</summary>
internal static class VqueueTables
{
    internal static readonly TableDefinition Scheduler = new(
        "sys_scheduler",
        "One virtual queue as the scheduler sees it",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("id", "id of the virtual queue"),
            Number("num_inbox", "waiting entries"),
            Text("status", "dormant, blocked, scheduled, …"),
            Text("head_entry_id", "head entry when known"),
            Time("scheduled_at", "when head becomes runnable"),
            Text("blocked_on", "blocking resource"),
            Text("blocked_on_json", "details of it"),
            Span("invoker_concurrency_block_duration", "head wait on invoker concurrency"),
            Span("throttling_rules_block_duration", "head wait on throttling rules"),
            Span("invoker_throttling_block_duration", "head wait on node throttling"),
            Span("invoker_memory_block_duration", "head wait on invoker memory"),
            Span("concurrency_rules_block_duration", "head wait on concurrency rules"),
            Span("lock_block_duration", "head wait on object lock"),
            Span("deployment_concurrency_block_duration", "head wait on deployment capacity"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition VqueueEntryStatus = new(
        "sys_vqueue_entry_status",
        "One entry of a virtual queue with all its figures",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("entry_id", "entry id"),
            Text("vqueue_id", "id of the virtual queue"),
            Text("stage", "inbox, running, paused, suspended, finished"),
            Text("status", "new, scheduled, started, backing-off, yielded, killed, cancelled, failed, succeeded, …"),
            Flag("has_lock", "entry holds the lock"),
            Time("next_at", "next transition due"),
            Number("sequence_number", "ordering number"),
            Text("entry_kind", "invocation or state-mutation"),
            Time("created_at", "creation time"),
            Time("transitioned_at", "last stage change"),
            Small("num_attempts", "moves to run"),
            Small("num_errors", "yields due to transient errors"),
            Small("num_pauses", "moves to paused"),
            Small("num_suspensions", "moves to suspended"),
            Small("num_yields", "yields"),
            Time("first_attempt_at", "first attempt"),
            Time("latest_attempt_at", "latest attempt"),
            Time("first_runnable_at", "earliest possible first run"),
            Text("deployment", "pinned deployment"),
            Number("needed_memory", "bytes it seems to need at the invoker"),
            Small("retry_attempts", "retries recorded"),
            Small("retry_count_since_last_stored_command", "retries since last stored command"),
            Span("latest_attempt_blocked_on_invoker_concurrency", "wait in latest attempt on invoker concurrency"),
            Span("latest_attempt_blocked_on_throttling_rules", "wait in latest attempt on throttling rules"),
            Span("latest_attempt_blocked_on_invoker_throttling", "wait in latest attempt on invoker throttling"),
            Span("latest_attempt_blocked_on_invoker_memory", "wait in latest attempt on invoker memory"),
            Span("latest_attempt_blocked_on_concurrency_rules", "wait in latest attempt on concurrency rules"),
            Span("latest_attempt_blocked_on_lock", "wait in latest attempt on lock"),
            Span("latest_attempt_blocked_on_deployment_concurrency", "wait in latest attempt on deployment concurrency"),
            Span("total_blocked_on_invoker_concurrency", "total wait on invoker concurrency"),
            Span("total_blocked_on_throttling_rules", "total wait on throttling rules"),
            Span("total_blocked_on_invoker_throttling", "total wait on invoker throttling"),
            Span("total_blocked_on_invoker_memory", "total wait on invoker memory"),
            Span("total_blocked_on_concurrency_rules", "total wait on concurrency rules"),
            Span("total_blocked_on_lock", "total wait on lock"),
            Span("total_blocked_on_deployment_concurrency", "total wait on deployment concurrency"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition VqueueMeta = new(
        "sys_vqueue_meta",
        "One virtual queue with its figures",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("id", "id of the virtual queue"),
            Flag("is_active", "not paused and has unfinished entries"),
            Flag("queue_is_paused", "it is paused"),
            Text("service_name", "linked service"),
            Text("scope", "scope; null without"),
            Text("limit_key", "limit key; null without"),
            Text("lock_name", "service/key for objects"),
            Time("created_at", "creation"),
            Time("last_enqueued_at", "last new entry"),
            Time("last_start_at", "last first run"),
            Time("last_attempt_at", "last run"),
            Time("last_finish_at", "last finish"),
            Span("avg_queue_duration", "moving average of of first-attempt wait"),
            Span("avg_inbox_duration", "moving average of the time in the inbox"),
            Span("avg_run_duration", "moving average of the time running"),
            Span("avg_suspension_duration", "moving average of the time suspended"),
            Span("avg_end_to_end_duration", "moving average of the time from creation to end"),
            Span("avg_blocked_on_concurrency_rules", "moving average of its head's wait on rules"),
            Span("avg_blocked_on_invoker_concurrency", "moving average of its head's wait on invoker concurrency"),
            Span("avg_blocked_on_invoker_throttling", "moving average of its head's wait on invoker throttling"),
            Span("avg_blocked_on_lock", "moving average of its head's wait on lock"),
            Number("num_inbox", "count in inbox"),
            Number("num_running", "count running"),
            Number("num_suspended", "count suspended"),
            Number("num_paused", "count paused"),
            Number("num_finished", "count finished"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition Vqueues = new(
        "sys_vqueues",
        "One entry of a virtual queue",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("id", "id of the virtual queue"),
            Text("stage", "inbox, running, paused, suspended, finished"),
            Text("status", "new, scheduled, started, backing-off, yielded, killed, cancelled, failed, succeeded, …"),
            Flag("has_lock", "entry holds the lock"),
            Time("run_at", "eligible after (inbox only)"),
            Number("sequence_number", "ordering number"),
            Text("entry_id", "entry id"),
            Text("entry_kind", "invocation or state-mutation"),
            Time("created_at", "creation time"),
            Time("transitioned_at", "last stage change"),
            Small("num_attempts", "moves to run"),
            Small("num_errors", "yields due to transient errors"),
            Small("num_pauses", "moves to paused"),
            Small("num_suspensions", "moves to suspended"),
            Small("num_yields", "yields"),
            Time("first_attempt_at", "first attempt"),
            Time("latest_attempt_at", "latest attempt"),
            Time("first_runnable_at", "earliest possible first run"),
            Text("deployment", "pinned deployment"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };
}
