namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>Functions and operators on JSON text.</summary>
internal static class JsonStatements
{
    internal static IReadOnlyList<string> All { get; } =
    [
        """select json_get_str('{"a":"x"}', 'a') a, json_get_int('{"a":5}', 'a') b, json_get_float('{"a":1.5}', 'a') c, json_get_bool('{"a":true}', 'a') d, json_get_json('{"a":{"b":1}}', 'a') e, json_as_text('{"a":5}', 'a') f""",
        """select json_contains('{"a":1}', 'a') a, json_length('[1,2,3]') b, json_object_keys('{"a":1,"b":2}') c, json_length('{"a":[1,2]}', 'a') d, json_get_str('{"a":{"b":"c"}}', 'a', 'b') e, json_get_int('[1,2,3]', 1) f""",
        """select '{"a":"x"}' ->> 'a' c, '{"a":5}' ->> 'a' d, '{"a":{"b":2}}' -> 'a' ->> 'b' e, '[1,2]' ->> 0 f""",
        """select json_get_str('{"a":5}', 'a') a, json_get_int('{"a":"5"}', 'a') b, json_get_float('{"a":1}','a') c, json_get_int('{"a":1.5}','a') d, json_get_bool('{"a":"true"}','a') e, json_get_str('not json','a') f, json_as_text('{"a":{"b":1}}','a') g, json_as_text('{"a":null}','a') h, json_as_text('{"a":"q\"x"}','a') i""",
        "select key from state where value_utf8 ->> 'total' = '12.5'",
        "select key from state where json_get_float(value_utf8, 'total') > 10",
        "select key from state where json_contains(value_utf8, 'total')",
        "select sum(json_get_int(value_utf8, 'items', 0, 'qty')) s from state where service_key='json'",
        """select json_get('{"a":5}', 'a')::int a, json_get('{"a":"x"}', 'a')::varchar b, (json_get('{"a":5}', 'a'))::bigint c, cast(json_get('{"a":1.5}','a') as double) d""",
        "select (value_utf8 ->> 'total')::double + 1 a, (value_utf8->>'paid')::boolean b from state where service_key='json' and key='cart'",
        "select value_utf8->'items'->0->>'sku' a, value_utf8 -> 'items' -> 1 ->> 'qty' b from state where service_key='json' and key='cart'",
        "select json_get_str(value_utf8, 'user', 'name') || '!' a, upper(json_get_str(value_utf8, 'user', 'name')) b from state where service_key='json' and key='cart'",
        """select json_contains('{"a":1}', 'a') a, json_contains('{"a":1}', 'b') b, json_contains('[1]', 0) c, json_contains('[1]', 1) d""",
        """select json_length('[1,2,3]') a, json_length('{"a":[1,2]}', 'a') b, json_get_str('{"a":{"b":"c"}}', 'a', 'b') c, json_get_int('[1,2,3]', 1) d, json_length('{"a":1,"b":2}') e""",
        "select key, json_get_str(value_utf8, 'user', 'name') n, json_get_float(value_utf8, 'total') t, json_get_bool(value_utf8, 'paid') p, json_get_int(value_utf8, 'items', 0, 'qty') q, json_length(value_utf8) l from state where service_key='json' order by key",
        "select value_utf8 ->> 'total', value_utf8 -> 'user' ->> 'name' from state where service_key='json' and key = 'cart'",
        "select json_get(value_utf8, 'total')::double a, json_get(value_utf8, 'user', 'name')::varchar b, (value_utf8 -> 'paid')::boolean c, cast(json_get(value_utf8, 'items', 1, 'qty') as int) d from state where service_key='json' and key='cart'",
        "select key from state where service_key = 'json' and json_get_str(value_utf8, 'user', 'name') = 'Ann'",
        "select json_get_str(value_utf8, 'user', 'name') as name, count(*) as n from state where service_key = 'json' group by name order by n, name",
        "select sum((value_utf8 ->> 'total')::double) s, max(json_length(value_utf8, 'items')) m from state where service_key = 'json'",
        "select count(*) from state where json_length(value_utf8) > 0",
        """select json_get_str('{"a":"x"}', k) a from (values ('a'), ('b')) t(k) order by k""",
    ];
}
