namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>What Restate's web UI sends, with the parts that it fills in.</summary>
internal static class WebUiStatements
{
    internal static IReadOnlyList<string> All { get; } =
    [
        "SELECT 1 FROM sys_invocation_status LIMIT 1",
        "SELECT to_unixtime(date_bin(INTERVAL '300 seconds', completed_at, TIMESTAMP '1970-01-01T00:00:00')) AS bucket, count(*) FILTER (WHERE completion_result = 'success') AS succeeded, count(*) FILTER (WHERE completion_result = 'failure') AS failed FROM sys_invocation_status WHERE status = 'completed' AND completed_at >= '2026-01-01T00:00:00.000Z' AND completed_at < '2026-12-01T00:00:00.000Z' GROUP BY bucket",
        "SELECT to_unixtime(date_bin(INTERVAL '3600 seconds', created_at, TIMESTAMP '1970-01-01T00:00:00')) > 1700000000 AS recent, COUNT(1) AS deployments FROM sys_deployment GROUP BY recent",
        "SELECT COUNT(1) as total_count FROM (SELECT id, status, target_service_name FROM sys_invocation LIMIT 50000) WHERE status = 'running'",
        "SELECT id from sys_invocation WHERE target_service_name IN ('Counter', 'Greeter') AND status = 'pending' LIMIT 1000",
        "SELECT COUNT(*) AS size FROM sys_inbox WHERE service_key = 'obj-00001' AND service_name = 'Counter'",
        "SELECT id, sequence_number FROM sys_vqueues WHERE entry_id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO'",
        "SELECT (num_inbox + num_running + num_suspended + num_paused) AS size FROM sys_vqueue_meta WHERE service_name = 'Counter' AND lock_name = 'Counter/obj-00001' AND is_active = true",
        "SELECT COUNT(*) AS position FROM sys_inbox WHERE service_key = 'k' AND service_name = 'Counter' AND sequence_number < 5",
        "SELECT id, index, appended_at, entry_type, name, entry_lite_json, version, completed, sleep_wakeup_at, invoked_id, invoked_target, promise_name FROM sys_journal WHERE id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO'",
        "SELECT after_journal_entry_index, appended_at, event_type, event_json from sys_journal_events WHERE id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO' ORDER BY appended_at",
        "SELECT id, appended_at, event_type, event_json FROM sys_journal_events WHERE id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO' AND event_type = 'TransientError' ORDER BY appended_at DESC LIMIT 1",
        "SELECT entry_type, entry_json, raw FROM sys_journal WHERE id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO' AND index = 3",
        "SELECT key, value FROM state WHERE service_name = 'Counter' AND service_key = 'obj-00007' AND scope IS NULL",
        "SELECT DISTINCT key FROM state WHERE service_name = 'Counter' AND service_key IN ('obj-00001', 'obj-00002')",
        "SELECT service_name, COALESCE(SUM(value_length), 0) AS size FROM state GROUP BY service_name",
        "SELECT COUNT(*) AS num_keys, COALESCE(SUM(value_length), 0) AS total_size FROM state WHERE service_name = 'Counter' AND service_key = 'obj-00003'",
        "SELECT COUNT(*) AS num_keys, COALESCE(SUM(value_length), 0) AS total_size FROM state WHERE service_name = 'Counter' AND service_key = 'nobody'",
        "SELECT DISTINCT service_name FROM state ORDER BY service_name",
        "SELECT DISTINCT partition_key, service_key AS object_key, scope FROM state WHERE service_name = 'Counter' AND service_key LIKE '%0001%' LIMIT 1000",
        "SELECT SUM(num_inbox) AS inbox_count FROM sys_vqueue_meta WHERE service_name = 'Counter' AND lock_name = 'Counter/obj-00001'",
        "SELECT COUNT(last_attempt_at) AS attempted_vqueue_count, MIN(CASE WHEN last_attempt_at IS NOT NULL THEN avg_inbox_duration END) AS min_avg_inbox_duration, SUM(num_inbox) AS num_inbox, MAX(last_enqueued_at) AS last_enqueued_at FROM sys_vqueue_meta WHERE service_name = 'Counter'",
        "SELECT MIN(v.transitioned_at) AS oldest_inboxed_at FROM sys_vqueues v WHERE v.id IN (SELECT vm.id FROM sys_vqueue_meta vm WHERE vm.service_name = 'Counter' AND vm.num_inbox > 0) AND v.stage = 'inbox'",
        "SELECT id, COUNT(*) AS workload FROM sys_vqueues WHERE stage IN ('inbox', 'running', 'suspended', 'paused') GROUP BY id ORDER BY workload DESC LIMIT 100",
        "WITH active_deployments AS (SELECT DISTINCT deployment_id AS id FROM sys_service WHERE deployment_id IS NOT NULL UNION SELECT DISTINCT pinned_deployment_id AS id FROM sys_invocation_status WHERE pinned_deployment_id IS NOT NULL AND status != 'completed') SELECT d.id AS id FROM sys_deployment d EXCEPT SELECT id FROM active_deployments",
        "SELECT status, completion_result, target_service_name, target_handler_name, COUNT(1) as count FROM (SELECT id, status, completion_result, target_service_name, target_handler_name FROM sys_invocation LIMIT 10000) GROUP BY status, completion_result, target_service_name, target_handler_name",
        "SELECT SUM(CASE WHEN status = 'inboxed' THEN 1 ELSE 0 END) AS inboxed, SUM(CASE WHEN status = 'scheduled' THEN 1 ELSE 0 END) AS scheduled, SUM(CASE WHEN status = 'invoked' THEN 1 ELSE 0 END) AS invoked FROM sys_invocation_status WHERE status IN ('inboxed', 'scheduled', 'invoked')",
        "SELECT SUM(CASE WHEN in_flight THEN 1 ELSE 0 END) AS running, SUM(CASE WHEN in_flight IS NOT TRUE AND retry_count > 0 THEN 1 ELSE 0 END) AS backing_off FROM sys_invocation_state",
        "SELECT ss.target_service_name AS service_name, COUNT(1) AS running FROM sys_invocation_state sis JOIN sys_invocation_status ss ON ss.id = sis.id WHERE sis.in_flight AND ss.status = 'invoked' GROUP BY ss.target_service_name",
        "SELECT CASE WHEN ss.status = 'inboxed' THEN 'pending' WHEN ss.status = 'invoked' AND sis.in_flight IS TRUE THEN 'running' WHEN ss.status = 'invoked' AND sis.retry_count > 0 THEN 'backing-off' ELSE ss.status END AS bucket, COUNT(1) AS count FROM sys_invocation_status ss LEFT JOIN sys_invocation_state sis ON sis.id = ss.id GROUP BY bucket",
        "SELECT SUBSTR(lock_name, CHAR_LENGTH('Counter/') + 1) AS object_key FROM sys_vqueue_meta WHERE service_name = 'Counter'",
        "SELECT id, status FROM sys_invocation WHERE id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO' AND (status = 'running' OR (status = 'backing-off' AND COALESCE(retry_count, 0) = 0))",
        "SELECT service_key, scope, ROW_NUMBER() OVER (PARTITION BY service_name ORDER BY service_key) AS position FROM state WHERE key = 'k0001' AND service_key < 'obj-00010'",
        "SELECT rule_pattern, l1, l2 FROM sys_user_limits WHERE rule_pattern IS NOT NULL AND l1 ILIKE '%a%'",
        "SELECT entry_id AS id, entry_kind AS kind, stage, status, has_lock, next_at AS run_at, num_attempts, deployment FROM sys_vqueue_entry_status WHERE entry_id IN ('inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO') AND stage <> 'finished'",
        "SELECT * FROM sys_locks WHERE lock_name = 'Counter/obj-00001'",
        "SELECT id FROM sys_invocation WHERE created_at > now() - INTERVAL '1 hour' ORDER BY modified_at DESC LIMIT 100",
        """SELECT id, target FROM sys_invocation WHERE target_service_key ILIKE '%obj\_0%' LIMIT 10""",
    ];
}
