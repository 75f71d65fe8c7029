using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over the journals of invocations.</summary>
internal static class JournalTables
{
    internal static readonly TableDefinition Journal = new(
        "sys_journal",
        "One entry of the journal of an invocation",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("id", "invocation id"),
            Small("index", "entry index from 0"),
            Text("entry_type", "e.g. \"Command: Input\", \"Command: Call\", \"Notification: Run\", \"Notification: Signal\""),
            Text("name", "user-supplied name; empty string when none, null for notifications"),
            Flag("completed", "valid for journal v1 entries only"),
            Text("invoked_id", "callee invocation id"),
            Text("invoked_target", "callee target"),
            Time("sleep_wakeup_at", "timer due time"),
            Text("promise_name", "durable promise name"),
            Bytes("raw", "entry as protobuf bytes"),
            Number("raw_length", "bytes of raw"),
            Small("version", "journal version (2 for current SDKs)"),
            Text("entry_json", "full entry as JSON text (v2)"),
            Text("entry_lite_json", "entry without payloads as JSON text (v2)"),
            Time("appended_at", "append time (v2)"),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };

    internal static readonly TableDefinition JournalEvents = new(
        "sys_journal_events",
        "One event of an invocation beside its journal",
        [
            Number("partition_key", "hash that decides the partition"),
            Text("id", "invocation id"),
            Small("after_journal_entry_index", "journal index preceding the event"),
            Time("appended_at", "append time"),
            Text("event_type", "TransientError, Paused, …"),
            Text("event_json", "event as JSON text, tagged by \"ty\""),
        ])
    {
        WhyEmpty = TableDefinition.NoInvocations,
    };
}
