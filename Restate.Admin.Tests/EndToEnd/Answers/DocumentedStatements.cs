namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>What Restate's documentation shows, and what its readers make of it.</summary>
internal static class DocumentedStatements
{
    internal static IReadOnlyList<string> All { get; } =
    [
        "select * from sys_invocation where id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO'",
        "select id, target, status from sys_invocation where status != 'completed'",
        "select id from sys_invocation where invoked_by_id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO'",
        "SELECT * FROM state WHERE service_name = 'Counter' AND service_key = 'obj-00003'",
        "select service_key, key, value_utf8 from state where service_name = 'Counter' and key = 'k0002' order by service_key limit 5",
        "select target_service_name, status, count(1) from sys_invocation group by target_service_name, status",
        "select * from sys_invocation where retry_count > 1",
        "select id, retry_count, last_failure from sys_invocation where status = 'backing-off' and retry_count > 10",
        "select * from sys_inbox where service_name = 'Counter' and service_key = 'x' order by sequence_number",
        "select * from sys_keyed_service_status where service_name = 'Counter' and service_key = 'x'",
        "select invocation_id from sys_keyed_service_status where service_name = 'Counter'",
        "select * from sys_journal where id = 'inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO' order by index",
        "select id, endpoint from sys_deployment where id = 'nobody'",
        "select name, ty, revision, public from sys_service order by name",
        "select count(*) from sys_service where deployment_id in (select id from sys_deployment)",
        "select ty, min_service_protocol_version, max_service_protocol_version from sys_deployment",
        "select s.name, d.ty from sys_service s join sys_deployment d on s.deployment_id = d.id order by s.name",
        "select key, value_utf8 from state where service_name = 'Counter' and value_utf8 like '%a%' and service_key = 'obj-00001' order by key",
        "select service_name, service_key, sum(value_length) as bytes from state group by service_name, service_key order by bytes desc, service_key limit 10",
        "select sum(value_length) / 1024 as kib, sum(value_length) / 1024.0 as exact from state",
        "select service_key, count(*) as keys, sum(value_length) as bytes, avg(value_length) as mean from state group by service_key having sum(value_length) > 800 order by bytes desc, service_key",
        "select table_name, table_type from information_schema.tables where table_name like 'sys_inv%' order by table_name",
        "describe state",
        "describe sys_invocation",
        "select json_get_str(value_utf8, 'user', 'name') as name from state where service_key = 'json' and key = 'cart'",
        "select value_utf8 ->> 'total' as total from state where service_key = 'json' and key = 'cart'",
        "select key from state where service_key = 'json' and (value_utf8 ->> 'paid') = 'true'",
        "select * from sys_promise",
    ];
}
