-- A1 `restate services status`
SELECT
                target_service_name,
                target_handler_name,
                'pending' as status,
                COUNT(1) as num_invocations,
                MIN(created_at) as oldest_at,
                FIRST_VALUE(id ORDER BY created_at ASC) as oldest_invocation
             FROM sys_invocation_status
             WHERE status == 'inboxed' AND target_service_name IN ('SvFlow')
             GROUP BY target_service_name, target_handler_name
-- A2 `restate services status`

            SELECT
                target_service_name,
                target_handler_name,
                status,
                COUNT(1) as num_invocations,
                MIN(created_at) as oldest_at,
                FIRST_VALUE(id ORDER BY created_at ASC) as oldest_invocation
            FROM sys_invocation
            WHERE target_service_name IN ('SvFlow')
            GROUP BY target_service_name, target_handler_name, status
            ORDER BY target_handler_name
-- A3 `restate services status`
SELECT
                service_name,
                service_key,
                COUNT(1) as num_pending
             FROM sys_inbox
             WHERE service_name IN ('SvFlow')
             GROUP BY service_name, service_key
             ORDER BY num_pending DESC
-- A4 `restate services status`

            SELECT
                target_service_name as service_name,
                target_service_key as service_key,
                status as invocation_status,
                first_value(id) as invocation_holding_lock,
                first_value(target_handler_name) as invocation_method_holding_lock,
                first_value(created_at) as invocation_created_at,
                first_value(modified_at) as modified_at,
                first_value(pinned_deployment_id) as pinned_deployment_id,
                first_value(last_attempt_deployment_id) as last_attempt_deployment_id,
                first_value(last_failure) as last_failure_message,
                first_value(next_retry_at) as next_retry_at,
                first_value(last_start_at) as last_start_at,
                0 as num_pending,
                sum(retry_count) as num_retries
            FROM sys_invocation
            WHERE status != 'pending' AND target_service_name IN ('SvFlow')
            GROUP BY target_service_name, target_service_key, status
-- A5 `restate services status SvCounter`
SELECT
            id
        FROM sys_invocation inv
        WHERE inv.target_service_name = 'SvFlow'
        ORDER BY inv.created_at DESC, inv.id
        LIMIT 5
-- A6 `restate services status SvCounter`
SELECT
            inv.id,
            inv.target,
            inv.target_service_ty,
            inv.idempotency_key,
            inv.status,
            inv.created_at,
            inv.modified_at as state_modified_at,
            inv.pinned_deployment_id,
            inv.retry_count as num_retries,
            inv.last_failure as last_failure_message,
            inv.last_failure_related_entry_index as last_failure_entry_index,
            inv.last_failure_related_entry_name as last_failure_entry_name,
            inv.last_failure_related_entry_type as last_failure_entry_ty,
            inv.last_attempt_deployment_id,
            inv.last_attempt_server,
            inv.next_retry_at,
            inv.last_start_at,
            inv.invoked_by_id,
            inv.invoked_by_target,
            inv.trace_id,
            inv.completion_result,
            inv.completion_failure,
            dp.id IS NOT NULL as pinned_deployment_exists
        FROM sys_invocation inv
        LEFT JOIN sys_deployment dp ON dp.id = inv.pinned_deployment_id
        WHERE inv.target_service_name = 'SvFlow' AND inv.id in ('inv_1fJLVQMsfS6l6jf98CUd8VgBczavSpHeeJ','inv_12kpUQONmeFb4V4NNchlAczM7zDYsfIAk9','inv_1fJLVQMsfS6l21KWYzJ33n3Xaw0AIGtEK9','inv_12kpUQONmeFb2NvgFL8aEJOwwXi7TJkTnj')
        ORDER BY inv.created_at DESC, inv.id
-- A7 `restate deployments list --extra`
SELECT COUNT(1) AS inv_count
            FROM sys_invocation_status
            WHERE pinned_deployment_id = 'dp_16UANpcURqZT4SxxbyFBY6R' AND status != 'completed'
-- A8 `restate state get SvCounter a`; `restate state edit SvCounter a`; `restate state patch --patch [{"op":"add","path":"/nk","value":1}] SvCounter`; `restate state get SvCounter nokey`
select key, value from state where service_name = 'Nope' and service_key = 'a' ;
-- A9 `restate state clear SvCounter/z`
SELECT service_name, service_key, key, value FROM state WHERE service_name = 'SvCounter' AND service_key = 'z'
-- A10 `restate state clear -f SvCounter`
SELECT service_name, service_key, key, value FROM state WHERE service_name = 'SvCounter'
-- A11 `restate invocations list`
SELECT COUNT(1) FROM (SELECT
            *
        FROM sys_invocation inv
        LIMIT 50000
        )
        WHERE status != 'completed'
-- A12 `restate invocations list`
SELECT
            id
        FROM sys_invocation inv
        WHERE status != 'completed'
        ORDER BY inv.created_at DESC, inv.id
        LIMIT 100
-- A13 `restate invocations list`
SELECT
            inv.id,
            inv.target,
            inv.target_service_ty,
            inv.idempotency_key,
            inv.status,
            inv.created_at,
            inv.modified_at as state_modified_at,
            inv.pinned_deployment_id,
            inv.retry_count as num_retries,
            inv.last_failure as last_failure_message,
            inv.last_failure_related_entry_index as last_failure_entry_index,
            inv.last_failure_related_entry_name as last_failure_entry_name,
            inv.last_failure_related_entry_type as last_failure_entry_ty,
            inv.last_attempt_deployment_id,
            inv.last_attempt_server,
            inv.next_retry_at,
            inv.last_start_at,
            inv.invoked_by_id,
            inv.invoked_by_target,
            inv.trace_id,
            inv.completion_result,
            inv.completion_failure,
            dp.id IS NOT NULL as pinned_deployment_exists
        FROM sys_invocation inv
        LEFT JOIN sys_deployment dp ON dp.id = inv.pinned_deployment_id
        WHERE status != 'completed' AND inv.id in ('inv_1aPuJN1SksLL6mrVxzab6Aaj8MiaVOaJnJ','inv_1bllctV3mO6I2mCSx9VFaNm67pmLPCMi86','inv_1dXpurBjVyzq03RjOewx5EscWHEZvWC996','inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO','inv_18rw5T1EGXUy4qea2kdcPOQLNhZ5K2YPiU','inv_1hUDaL7SEqTJ55DfZap1szRvilDxesrN7E','inv_10j3v3yv8acR4XxQWASsm1qu5kaT7swmI6','inv_1hwnHAQdlGIq1hEHyp1uEqEu2CNDjGVrMa','inv_1fJLVQMsfS6l21KWYzJ33n3Xaw0AIGtEK9','inv_1cftKDLZqubG5bH2Nv6E3HSBAtpr3Sx4p8','inv_1cftKDLZqubG0QE2NdOG4wq7nahKqtJlFo','inv_1cftKDLZqubG4AirCpWiveLUrP7UdgUOCx','inv_1kHe0SHnXPLZ2nLKIElnLFWyEuPRgiCCaD','inv_1dcSsgqvHW124SyFmxk8eowwEiKFO5vKwm')
        ORDER BY inv.created_at DESC, inv.id
-- A14 `restate invocations list --all`
SELECT COUNT(1) FROM (SELECT
            *
        FROM sys_invocation inv
        LIMIT 50000
        )
        
-- A15 `restate invocations list --all`
SELECT
            id
        FROM sys_invocation inv
        
        ORDER BY inv.created_at DESC, inv.id
        LIMIT 100
-- A16 `restate invocations list --all`
SELECT
            inv.id,
            inv.target,
            inv.target_service_ty,
            inv.idempotency_key,
            inv.status,
            inv.created_at,
            inv.modified_at as state_modified_at,
            inv.pinned_deployment_id,
            inv.retry_count as num_retries,
            inv.last_failure as last_failure_message,
            inv.last_failure_related_entry_index as last_failure_entry_index,
            inv.last_failure_related_entry_name as last_failure_entry_name,
            inv.last_failure_related_entry_type as last_failure_entry_ty,
            inv.last_attempt_deployment_id,
            inv.last_attempt_server,
            inv.next_retry_at,
            inv.last_start_at,
            inv.invoked_by_id,
            inv.invoked_by_target,
            inv.trace_id,
            inv.completion_result,
            inv.completion_failure,
            dp.id IS NOT NULL as pinned_deployment_exists
        FROM sys_invocation inv
        LEFT JOIN sys_deployment dp ON dp.id = inv.pinned_deployment_id
        WHERE inv.id in ('inv_1fQqRAo6xxSe0YzM2L3fec0A17YtXI1AAr','inv_1aPuJN1SksLL6mrVxzab6Aaj8MiaVOaJnJ','inv_1bllctV3mO6I2mCSx9VFaNm67pmLPCMi86','inv_15N7H0lUnWMf5tOIDUvOgknOfJ1DeV1aE5','inv_10HQI08JPG9J5K6waew5hXh8L75VI7z8jm','inv_1dXpurBjVyzq03RjOewx5EscWHEZvWC996','inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO','inv_14knov38hgkB4H279uDmEyeyqOQPuzNMzv','inv_14knov38hgkB1uncl4bqSrVTQhoJ3rBoGd','inv_18rw5T1EGXUy4qea2kdcPOQLNhZ5K2YPiU','inv_162ttWkerGyd3fxXecUAijS9PpjgPmC1Fr','inv_15jzSsLpHJCv6YIHmcCxIjwjRd6iENdvEt','inv_19AQ9M0pH3ar0I4BfuFr5NLkEQ6LZgHTTR','inv_1aVgUbzf9VhX7w8W41ckWhTnBqB8exUz7x','inv_17KQufUojcTy5BBDxrOHSlJOA1VyyeUxRy','inv_14IYiJnMDoeE1LMpZAfdCNVSDRplz7qGfV','inv_1fJLVQMsfS6l6jf98CUd8VgBczavSpHeeJ','inv_15GBLGXK4M9P3qauq4sn3rHHNEFBFLBuBF','inv_1dceKvwtEc2n6TylLxJjrcoAFf3DaRPx24','inv_1dceKvwtEc2n4pWNECy7Lj2gQqEsxo24Bc','inv_1hUlLQBFfkcy2J2QsbEznNwDd6pF0MzkNi','inv_10b5fNTDU6bQ2shPYY340W1XwmKtLx4Hji','inv_14U6vXOmqkEy1czkWL9XiVOEcM8G1kMjVr','inv_1bllctV3mO6I1sK3fIG5ws9rtWzy24bvCd','inv_1aVrr0LmoByv0uCo30rr3qxlAPm4fAxBmc','inv_1hsY9oFfVKs1442st8hkCXIqUhWFmBhPNf','inv_13CWz2arsqog4EI7UyheBAUjyuXDXFBt6c','inv_19nXorKQo2zD6meh6bDrSlK0JHvQfaZLzp','inv_1hUDaL7SEqTJ55DfZap1szRvilDxesrN7E','inv_10j3v3yv8acR4XxQWASsm1qu5kaT7swmI6','inv_1hwnHAQdlGIq1hEHyp1uEqEu2CNDjGVrMa','inv_12kpUQONmeFb4V4NNchlAczM7zDYsfIAk9','inv_1fJLVQMsfS6l21KWYzJ33n3Xaw0AIGtEK9','inv_12kpUQONmeFb2NvgFL8aEJOwwXi7TJkTnj','inv_1cftKDLZqubG5bH2Nv6E3HSBAtpr3Sx4p8','inv_1cftKDLZqubG0QE2NdOG4wq7nahKqtJlFo','inv_1cftKDLZqubG4AirCpWiveLUrP7UdgUOCx','inv_174rq2A9bm3T3Rox0kHSf4SUIFIjeL9Cpu','inv_174rq2A9bm3T6p5j6CgArAb83CHFTRJ3S1','inv_1dceKvwtEc2n2kYKxRJW8rNxyB0Cw5ykPx','inv_1dceKvwtEc2n076yYb9GUcqLR7sbwnQ3hl','inv_1cUqx1dC1y9B2SrLLMK9PMu2tbBhCb0NVy','inv_1eAZfUM55sz12AUkaXptN8xxfyNxaBbXiJ','inv_1aq6zAck5j6z2MR8D1U6NE2ZQhANDAXY1p','inv_1kHe0SHnXPLZ2nLKIElnLFWyEuPRgiCCaD','inv_1dcSsgqvHW124SyFmxk8eowwEiKFO5vKwm','inv_13xHBLhBZ4MX76o4KbYI0wBZlMxh1EXB1D','inv_19STVhgGdP4N4HndTmwX1zFo582hzLQs3X','inv_14wOw1fhVfSk0zVhYzWZcMEt1CYCIh8eWq','inv_14knov38hgkB1Cfp9s0K5Wirg0e2BDpGaw')
        ORDER BY inv.created_at DESC, inv.id
-- A17 `restate invocations list --service SvGreeter --handler`
SELECT COUNT(1) FROM (SELECT
            *
        FROM sys_invocation inv
        LIMIT 50000
        )
        WHERE inv.target_service_name IN ('SvGreeter') AND inv.target_handler_name IN ('slow') AND status IN ('running')
-- A18 `restate invocations list --service SvGreeter --handler`
SELECT
            id
        FROM sys_invocation inv
        WHERE inv.target_service_name IN ('SvGreeter') AND inv.target_handler_name IN ('slow') AND status IN ('running')
        ORDER BY inv.created_at ASC, inv.id
        LIMIT 3
-- A19 `restate invocations list --service SvGreeter --handler`
SELECT
            inv.id,
            inv.target,
            inv.target_service_ty,
            inv.idempotency_key,
            inv.status,
            inv.created_at,
            inv.modified_at as state_modified_at,
            inv.pinned_deployment_id,
            inv.retry_count as num_retries,
            inv.last_failure as last_failure_message,
            inv.last_failure_related_entry_index as last_failure_entry_index,
            inv.last_failure_related_entry_name as last_failure_entry_name,
            inv.last_failure_related_entry_type as last_failure_entry_ty,
            inv.last_attempt_deployment_id,
            inv.last_attempt_server,
            inv.next_retry_at,
            inv.last_start_at,
            inv.invoked_by_id,
            inv.invoked_by_target,
            inv.trace_id,
            inv.completion_result,
            inv.completion_failure,
            dp.id IS NOT NULL as pinned_deployment_exists
        FROM sys_invocation inv
        LEFT JOIN sys_deployment dp ON dp.id = inv.pinned_deployment_id
        WHERE inv.target_service_name IN ('SvGreeter') AND inv.target_handler_name IN ('slow') AND status IN ('running') AND inv.id in ('inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO','inv_1dXpurBjVyzq03RjOewx5EscWHEZvWC996','inv_1bllctV3mO6I2mCSx9VFaNm67pmLPCMi86')
        ORDER BY inv.created_at ASC, inv.id
-- A20 `restate invocations list --key a --virtual-objects-only`
SELECT COUNT(1) FROM (SELECT
            *
        FROM sys_invocation inv
        LIMIT 50000
        )
        WHERE inv.target_service_key IN ('a') AND inv.target_service_name IN (select name from sys_service where ty = 'virtual_object')
-- A21 `restate invocations list --key a --virtual-objects-only`
SELECT
            id
        FROM sys_invocation inv
        WHERE inv.target_service_key IN ('a') AND inv.target_service_name IN (select name from sys_service where ty = 'virtual_object')
        ORDER BY inv.created_at DESC, inv.id
        LIMIT 100
-- A22 `restate invocations list --key a --virtual-objects-only`
SELECT
            inv.id,
            inv.target,
            inv.target_service_ty,
            inv.idempotency_key,
            inv.status,
            inv.created_at,
            inv.modified_at as state_modified_at,
            inv.pinned_deployment_id,
            inv.retry_count as num_retries,
            inv.last_failure as last_failure_message,
            inv.last_failure_related_entry_index as last_failure_entry_index,
            inv.last_failure_related_entry_name as last_failure_entry_name,
            inv.last_failure_related_entry_type as last_failure_entry_ty,
            inv.last_attempt_deployment_id,
            inv.last_attempt_server,
            inv.next_retry_at,
            inv.last_start_at,
            inv.invoked_by_id,
            inv.invoked_by_target,
            inv.trace_id,
            inv.completion_result,
            inv.completion_failure,
            dp.id IS NOT NULL as pinned_deployment_exists
        FROM sys_invocation inv
        LEFT JOIN sys_deployment dp ON dp.id = inv.pinned_deployment_id
        WHERE inv.target_service_key IN ('a') AND inv.target_service_name IN (select name from sys_service where ty = 'virtual_object') AND inv.id in ('inv_1dceKvwtEc2n6TylLxJjrcoAFf3DaRPx24','inv_1dceKvwtEc2n4pWNECy7Lj2gQqEsxo24Bc','inv_1dceKvwtEc2n2kYKxRJW8rNxyB0Cw5ykPx','inv_1dceKvwtEc2n076yYb9GUcqLR7sbwnQ3hl')
        ORDER BY inv.created_at DESC, inv.id
-- A23 `restate invocations list --zombie`
SELECT
            id
        FROM sys_invocation inv
        WHERE (inv.pinned_deployment_id IS NOT NULL AND inv.pinned_deployment_id NOT IN (select id from sys_deployment)) AND status != 'completed'
        ORDER BY inv.created_at DESC, inv.id
        LIMIT 100
-- A24 `restate invocations list --zombie`
SELECT COUNT(1) FROM (SELECT
            *
        FROM sys_invocation inv
        LIMIT 50000
        )
        WHERE (inv.pinned_deployment_id IS NOT NULL AND inv.pinned_deployment_id NOT IN (select id from sys_deployment)) AND status != 'completed'
-- A25 `restate invocations list --deployment <id> --status`
SELECT COUNT(1) FROM (SELECT
            *
        FROM sys_invocation inv
        LIMIT 50000
        )
        WHERE (inv.pinned_deployment_id IN ('dp_16UANpcURqZT4SxxbyFBY6R') OR inv.last_attempt_deployment_id IN ('dp_16UANpcURqZT4SxxbyFBY6R')) AND status IN ('pending')
-- A26 `restate invocations list --deployment <id> --status`
SELECT
            id
        FROM sys_invocation inv
        WHERE (inv.pinned_deployment_id IN ('dp_16UANpcURqZT4SxxbyFBY6R') OR inv.last_attempt_deployment_id IN ('dp_16UANpcURqZT4SxxbyFBY6R')) AND status IN ('pending')
        ORDER BY inv.created_at DESC, inv.id
        LIMIT 100
-- A27 `restate invocations describe <id>`
SELECT
            id
        FROM sys_invocation inv
        WHERE inv.id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO'
        
        LIMIT 1
-- A28 `restate invocations describe <id>`
SELECT
            inv.id,
            inv.target,
            inv.target_service_ty,
            inv.idempotency_key,
            inv.status,
            inv.created_at,
            inv.modified_at as state_modified_at,
            inv.pinned_deployment_id,
            inv.retry_count as num_retries,
            inv.last_failure as last_failure_message,
            inv.last_failure_related_entry_index as last_failure_entry_index,
            inv.last_failure_related_entry_name as last_failure_entry_name,
            inv.last_failure_related_entry_type as last_failure_entry_ty,
            inv.last_attempt_deployment_id,
            inv.last_attempt_server,
            inv.next_retry_at,
            inv.last_start_at,
            inv.invoked_by_id,
            inv.invoked_by_target,
            inv.trace_id,
            inv.completion_result,
            inv.completion_failure,
            dp.id IS NOT NULL as pinned_deployment_exists
        FROM sys_invocation inv
        LEFT JOIN sys_deployment dp ON dp.id = inv.pinned_deployment_id
        WHERE inv.id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO' AND inv.id in ('inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO')
        
-- A29 `restate invocations describe <id>`
SELECT COUNT(*) FROM information_schema.columns
            WHERE
                table_name = 'sys_journal'
                AND column_name IN ('promise_name')
-- A30 `restate invocations describe <id>`
SELECT COUNT(*) FROM information_schema.columns
            WHERE
                table_name = 'sys_journal'
                AND column_name IN ('version', 'entry_json', 'appended_at')
-- A31 `restate invocations describe <id>`
SELECT
            sj.index,
            sj.entry_type,
            sj.completed,
            sj.invoked_id,
            sj.invoked_target,
            sj.sleep_wakeup_at,
            sj.name,
            sj.promise_name,
            sj.version, sj.entry_json, sj.appended_at
        FROM sys_journal sj
        WHERE
            sj.id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO'
        ORDER BY index DESC
        LIMIT 100
-- A32 `restate invocations cancel <id>`; `restate invocations kill <id>`; `restate invocations cancel --kill <id>`
SELECT id, target FROM sys_invocation_status WHERE id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO' AND status != 'completed' LIMIT 500
-- A33 `restate invocations cancel SvGreeter/nope`
SELECT id, target FROM sys_invocation_status WHERE ((target = 'SvGreeter/nope' AND target_service_ty = 'service') OR (target LIKE 'SvGreeter/nope/%' AND target_service_ty != 'service')) AND status != 'completed' LIMIT 500
-- A34 `restate invocations cancel SvGreeter`
SELECT id, target FROM sys_invocation_status WHERE target LIKE 'SvGreeter/%' AND status != 'completed' LIMIT 500
-- A35 `restate invocations purge <id>`; `restate invocations restart-as-new <id>`
SELECT id, target FROM sys_invocation_status WHERE id = 'inv_10HQI08JPG9J5K6waew5hXh8L75VI7z8jm' AND status = 'completed' LIMIT 500
-- A36 `restate invocations purge SvCounter`
SELECT id, target FROM sys_invocation_status WHERE target LIKE 'SvCounter/%' AND status = 'completed' LIMIT 500
-- A37 `restate invocations pause <id>`
SELECT id, target FROM sys_invocation_status WHERE id = 'inv_1bllctV3mO6I2mCSx9VFaNm67pmLPCMi86' AND status IN ('invoked', 'suspended') LIMIT 500
-- A38 `restate invocations resume <id>`
SELECT id, target FROM sys_invocation_status WHERE id = 'inv_1bllctV3mO6I2mCSx9VFaNm67pmLPCMi86' AND status IN ('paused', 'invoked', 'suspended') LIMIT 500
-- A39 `restate rules list`
SELECT pattern, concurrency, description, disabled, version, last_modified FROM sys_rules ORDER BY pattern
-- A40 `restate rules set s1/* --concurrency 5`; `restate rules disable s1/*`; `restate rules delete s1/*`
SELECT pattern, concurrency, description, disabled, version, last_modified FROM sys_rules WHERE pattern = 's1/*'
-- A41 `restate vqueues list`
SELECT id, is_active, queue_is_paused, service_name, scope, limit_key, lock_name, created_at, last_enqueued_at, last_start_at, last_attempt_at, last_finish_at, num_inbox, num_running, num_suspended, num_paused, num_finished FROM sys_vqueue_meta LIMIT 100
-- A42 `restate invocations list --deployment <id> --zombie`
SELECT COUNT(1) FROM (SELECT
            *
        FROM sys_invocation inv
        LIMIT 50000
        )
        WHERE (inv.pinned_deployment_id IS NOT NULL AND inv.pinned_deployment_id NOT IN (select id from sys_deployment)) AND (inv.pinned_deployment_id IN ('dp_16UANpcURqZT4SxxbyFBY6R') OR inv.last_attempt_deployment_id IN ('dp_16UANpcURqZT4SxxbyFBY6R')) AND status != 'completed'
-- A43 `restate invocations list --deployment <id> --zombie`
SELECT
            id
        FROM sys_invocation inv
        WHERE (inv.pinned_deployment_id IS NOT NULL AND inv.pinned_deployment_id NOT IN (select id from sys_deployment)) AND (inv.pinned_deployment_id IN ('dp_16UANpcURqZT4SxxbyFBY6R') OR inv.last_attempt_deployment_id IN ('dp_16UANpcURqZT4SxxbyFBY6R')) AND status != 'completed'
        ORDER BY inv.created_at DESC, inv.id
        LIMIT 100
-- A44 `restate deployments describe <id> --extra`
SELECT
            target_service_name as service,
            target_handler_name as handler,
            COUNT(1) AS inv_count
            FROM sys_invocation_status
            WHERE pinned_deployment_id = 'dp_16UANpcURqZT4SxxbyFBY6R' AND status != 'completed'
            GROUP BY pinned_deployment_id, target_service_name, target_handler_name
