using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>Tables over the journals of invocations.</summary>
internal static class JournalTables
{
    internal static readonly TableDefinition Journal = new(
        "sys_journal",
        "Journal entries of invocations",
        [
            Number("partition_key", "sharding key"),
            Text("id", "invocation id"),
            Small("index", "entry index from 0"),
            Text("entry_type", "e.g. \"Command: Input\", \"Command: Call\", \"Notification: Run\", \"Notification: Signal\""),
            Text("name", "user-supplied name; empty string when none, null for notifications"),
            Flag("completed", "valid for journal v1 entries only"),
            Text("invoked_id", "callee invocation id"),
            Text("invoked_target", "callee target"),
            Time("sleep_wakeup_at", "timer due time"),
            Text("promise_name", "durable promise name"),
            Bytes("raw", "protobuf bytes"),
            Number("raw_length", "size of raw"),
            Small("version", "journal version (2 for current SDKs)"),
            Text("entry_json", "full entry as JSON text (v2)"),
            Text("entry_lite_json", "entry without payloads as JSON text (v2)"),
            Time("appended_at", "append time (v2)"),
        ]);

    internal static readonly TableDefinition JournalEvents = new(
        "sys_journal_events",
        "Events of invocations beside their journals",
        [
            Number("partition_key", "sharding key"),
            Text("id", "invocation id"),
            Small("after_journal_entry_index", "journal index preceding the event"),
            Time("appended_at", "time"),
            Text("event_type", "TransientError, Paused, …"),
            Text("event_json", "event as JSON text, tagged by \"ty\""),
        ]);
}
