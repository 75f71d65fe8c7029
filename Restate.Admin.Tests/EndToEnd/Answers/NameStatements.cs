namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>Names of columns that were given none.</summary>
internal static class NameStatements
{
    internal static IReadOnlyList<string> All { get; } =
    [
        "select 1.5, 'x' || 'y', 1+2, -5, 3 - -2",
        "select case when 1=1 then 2 else 3 end",
        "select upper(key), key || 'x' from state limit 0",
        "select cast(key_length as int) from state limit 0",
        "select value_length / 2, value_length * 1.5 from state limit 0",
        "select sum(value_length) / count(*) from state",
        "select count(*) filter (where key = 'a') from state",
        "select date_trunc('day', now()) < now()",
        "select now() - interval '1 day' < now()",
        "select max(s.value_length) from state s",
        "select substr(key, 1, 2), strpos(key, 'x'), round(1.5), btrim(key) from state limit 0",
        "select json_get_str(value_utf8, 'a'), value_utf8 ->> 'a' from state limit 0",
        "select sum(value_length) over (order by key) from state limit 0",
        "select avg(value_length), stddev(value_length), approx_distinct(key) from state limit 0",
    ];
}
