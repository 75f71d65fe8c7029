namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>Statements that only one of the two servers answers.</summary>
internal static class DifferencesInReach
{
    internal static IReadOnlyList<Difference> All { get; } =
    [
        new(
            "difference of unsigned columns",
            "select arrow_cast(1, 'UInt64') - arrow_cast(2, 'UInt64') as n",
            "400: Out of Range Error: Overflow in subtraction of UINT64",
            """[{"n":18446744073709551615}]""",
            "The peer's difference of two UInt64 wraps around to a number near 2^64. Ours is an error; cast to BIGINT first."),
        new(
            "sum past Int64",
            "select 9223372036854775807 + 1 as n",
            "400: Out of Range Error: Overflow in addition of INT64",
            """[{"n":-9223372036854775808}]""",
            "The peer wraps around to the lowest number. Ours is an error."),
        new(
            "division by zero",
            "select count(*) / 0 as n from state",
            "400: Invalid Input Error: Divide by zero",
            "500: Datafusion error: Arrow error: Divide by zero error",
            "An error in both; ours has status 400, as what the caller wrote is wrong."),
        new(
            "json_get in a result",
            """select json_get('{"a":5}', 'a') as part""",
            """[{"part":"5"}]""",
            "500: Datafusion error: Arrow error: Json error: Unsupported data type for JSON encoding:",
            "The peer's union of types has no JSON form, so that it answers 500. Ours gives the part as JSON text."),
        new(
            "the operator ?",
            "select count(*) as n from state where value_utf8 ? 'total'",
            @"400: SQL error: syntax error at or near ""?""",
            """[{"n":1}]""",
            "DuckDB's parser takes ? for a parameter. Use json_contains."),
        new(
            "EXTRACT",
            "select extract(year from timestamp '2024-03-05 10:11:12') as y",
            """[{"y":2024}]""",
            "500: Datafusion error: This feature is not implemented: Extract not supported by ExprPlanner:",
            "The peer knows date_part alone. Ours takes both."),
        new(
            "names that differ in case alone",
            """select "Key" from state where service_key = 'obj-00003' and key = 'k0001'""",
            """[{"key":"k0001"}]""",
            """500: Datafusion error: Schema error: No field named "Key".""",
            """The peer tells "Key" from key. To DuckDB names are the same whatever their case, quoted or not."""),
        new(
            "initcap",
            "select initcap('hello world') as t",
            "400: function 'initcap' is not available",
            """[{"t":"Hello World"}]""",
            "DuckDB has no such function."),
        new(
            "levenshtein",
            "select levenshtein('kitten', 'sitting') as n",
            "400: function 'levenshtein' is not available",
            """[{"n":3}]""",
            "Takes time that grows with the product of both lengths and cannot be stopped."),
        new(
            "repeat by a column",
            "select repeat(key, key_length) as t from state where service_key = 'obj-00003' and key = 'k0001'",
            "400: function 'repeat' is not available",
            """[{"t":"k0001k0001k0001k0001k0001"}]""",
            "Makes much of little: repeat, lpad and rpad take a literal number (at most 32 or 1024) here."),
        new(
            "range",
            "select range(1, 4) as l",
            "400: function 'range' is not available",
            """[{"l":[1,2,3]}]""",
            "Makes much of little."),
        new(
            "sha224, sha384 and sha512",
            "select sha512('a') as h",
            "400: function 'sha512' is not available",
            """[{"h":"1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75"}]""",
            "DuckDB has md5, sha1 and sha256."),
        new(
            "regexp_instr",
            "select regexp_instr('banana', 'n') as n",
            "400: function 'regexp_instr' is not available",
            """[{"n":3}]""",
            "DuckDB has no such function."),
        new(
            "parts before a delimiter",
            "select substr_index('a.b.c', '.', 2) as t",
            "400: function 'substr_index' is not available",
            """[{"t":"a.b"}]""",
            "DuckDB has no such function. Use split_part."),
        new(
            "named_struct",
            "select named_struct('x', 1) as s",
            "400: function 'named_struct' is not available",
            """[{"s":{"x":1}}]""",
            "DuckDB has another notation, {'x': 1}."),
        new(
            "IGNORE NULLS",
            "select first_value(key) ignore nulls over (order by key) as k from state where service_key = 'obj-00003' and key = 'k0001'",
            @"400: SQL error: syntax error at or near ""ignore""",
            """[{"k":"k0001"}]""",
            "DuckDB's parser takes IGNORE NULLS inside the brackets: first_value(key ignore nulls)."),
        new(
            "INT UNSIGNED",
            "select cast(5 as int unsigned) as n",
            @"400: SQL error: syntax error at or near ""unsigned""",
            """[{"n":5}]""",
            "DuckDB's parser knows UINTEGER and UBIGINT. So does arrow_cast(5, 'UInt32')."),
        new(
            "SHOW COLUMNS",
            "show columns from state",
            @"400: SQL error: syntax error at or near ""from""",
            """[{"table_catalog":"restate","table_schema":"public","table_n…""",
            "DuckDB's parser does not know it. Use DESCRIBE."),
        new(
            "NATURAL JOIN without common columns",
            "select count(*) > 0 as n from state natural join sys_service",
            "400: Binder Error: No columns found to join on in NATURAL JOIN.",
            """[{"n":true}]""",
            "The peer makes it a cross join. Ours is an error."),
        new(
            "identifiers that are none",
            "select count(*) as n from sys_invocation where id = 'nothing'",
            """[{"n":0}]""",
            "500: Datafusion error: External error: non valid invocation id",
            "The peer refuses what is no identifier. Ours finds no row."),
        new(
            "columns left out",
            "select * exclude (deployment_id) from sys_service where name = 'Counter'",
            """[{"name":"Counter","revision":1,"public":true,"ty":"virtual_object"}]""",
            """500: Datafusion error: SQL error: ParserError("Expected: end of statement""",
            "The peer takes EXCEPT alone. To DuckDB the word is EXCLUDE."),
        new(
            "lateral joins",
            "select t.x, u.y from (values (1)) t(x), lateral (select t.x + 1 as y) u",
            """[{"x":1,"y":2}]""",
            "500: Datafusion error: This feature is not implemented: Physical plan does not support logical expression Oute",
            "The peer has not implemented them."),
        new(
            "names of recursive columns",
            "with recursive t(n) as (select 1 union all select n + 1 from t where n < 3) select n from t order by n",
            """[{"n":1},{"n":2},{"n":3}]""",
            "500: Datafusion error: Schema error: No field named n.",
            "The peer does not know the names that the list gives inside the recursion."),
    ];
}
