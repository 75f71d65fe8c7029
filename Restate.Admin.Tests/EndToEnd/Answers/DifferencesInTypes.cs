namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>The same values under another Arrow type or column name.</summary>
internal static class DifferencesInTypes
{
    internal static IReadOnlyList<Difference> All { get; } =
    [
        new(
            "spans of time",
            "select timestamp '2024-03-05 10:00:00' - timestamp '2024-03-05 09:00:00' as d",
            "Duration(Millisecond)",
            "Duration(Nanosecond)",
            "Ours count milliseconds, as all stored spans do.",
            IsOfTypes: true),
        new(
            "times of the day",
            "select time '10:11:12' as t",
            "Time64(Microsecond)",
            "Time64(Nanosecond)",
            "Ours count microseconds.",
            IsOfTypes: true),
        new(
            "computed times with a zone",
            "select date_bin(interval '1 hour', created_at) as t from sys_deployment",
            "Timestamp(Millisecond, +00:00)",
            "Timestamp(Nanosecond, +00:00)",
            "Ours keep the milliseconds of the column.",
            IsOfTypes: true),
        new(
            "computed bytes",
            "select sha256('a') as h",
            "LargeBinary",
            "Binary",
            "Ours are LargeBinary like those of columns.",
            IsOfTypes: true),
        new(
            "text in lists",
            "select string_to_array('a,b', ',') as l",
            "List(LargeUtf8)",
            "List(Utf8)",
            "Ours is LargeUtf8 like that of columns.",
            IsOfTypes: true),
        new(
            "computed text",
            "select substr('abc', 1, 2) as t",
            "LargeUtf8",
            "Utf8View",
            "The peer gives some of it in the layout of views, which holds the same text.",
            IsOfTypes: true),
        new(
            "name of a negated comparison",
            "select not key = 'k0001' from state where service_key = 'obj-00003' and key = 'k0001'",
            """[{"state.key != Utf8(\"k0001\")":false}]""",
            """[{"NOT state.key = Utf8(\"k0001\")":false}]""",
            "DuckDB's parser turns NOT around, so that the name is that of the comparison turned around. The value is the same."),
        new(
            "name of a subquery",
            "select (select 1), key from state where service_key = 'obj-00003' and key = 'k0001'",
            """[{"(SELECT CAST(1 AS BIGINT))":1,"key":"k0001"}]""",
            """[{"Int64(1)":1,"key":"k0001"}]""",
            "The peer names it after its column. Ours has DuckDB's name, with the casts that the literal got. Give it one with AS."),
    ];
}
