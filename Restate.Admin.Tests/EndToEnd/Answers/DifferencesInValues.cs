namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>Other values for the same statement.</summary>
internal static class DifferencesInValues
{
    internal static IReadOnlyList<Difference> All { get; } =
    [
        new(
            "negative numbers in JSON",
            """select json_get_int('{"a":-5}', 'a') as n""",
            """[{"n":-5}]""",
            "[{}]",
            "The peer's json_get_int and json_get_float do not find negative numbers. Ours do."),
        new(
            "large whole numbers in JSON",
            """select json_get_int('{"a":9223372036854775807}', 'a') as n""",
            """[{"n":9223372036854775807}]""",
            "[{}]",
            "The peer's json_get_int does not find numbers of 19 digits. Ours does."),
        new(
            "white space in parts of JSON",
            """select json_get_json('{"a": [1,  2]}', 'a') as part""",
            """[{"part":"[1,2]"}]""",
            """[{"part":"[1,  2]"}]""",
            "The peer cuts the part out of the text as it stands; ours is written anew without white space."),
        new(
            "time zones other than UTC",
            "select timestamp '2024-03-05 10:11:12' at time zone 'Europe/Berlin' as t",
            """[{"t":"2024-03-05T09:11:12Z"}]""",
            """[{"t":"2024-03-05T10:11:12+01:00"}]""",
            "Times with a zone are UTC here."),
        new(
            "last digits of statistics",
            "select cbrt(27) as n",
            """[{"n":3.0000000000000004}]""",
            """[{"n":3.0}]""",
            "Other algorithms; results of cbrt, stddev, var, corr, covar and regr can differ in their last digits."),
        new(
            "approximate percentiles",
            "select approx_percentile_cont(x, 0.5) as p from (values (1), (2), (3), (10)) t(x)",
            """[{"p":2.5}]""",
            """[{"p":2.0}]""",
            "Both estimate with a t-digest and interpolate differently. Use percentile_cont where it matters."),
        new(
            "atan2 of whole numbers",
            "select atan2(1, 2) as n",
            """[{"n":0.4636476090008061}]""",
            """[{"n":0.4636476}]""",
            "The peer computes it in 32 bits, ours in 64."),
        new(
            "letters that change their number with their case",
            "select upper('straße') as t",
            """[{"t":"STRAẞE"}]""",
            """[{"t":"STRASSE"}]""",
            "The peer maps ß to SS; DuckDB maps letter by letter."),
        new(
            "settings of DataFusion",
            "select count(*) as n from information_schema.df_settings where name = 'datafusion.execution.batch_size'",
            """[{"n":0}]""",
            """[{"n":1}]""",
            "There is no DataFusion here whose settings could be shown."),
    ];
}
