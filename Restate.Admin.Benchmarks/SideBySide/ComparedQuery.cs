using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.SideBySide;

/// <summary>One query both servers are asked.</summary>
/// <param name="Name">Its line in the table.</param>
/// <param name="Sql">The text, the same for both.</param>
/// <param name="Ordered">Whether the order of the rows is part of the answer.</param>
/// <param name="Formats">The formats it is timed in; answers are compared in both anyway.</param>
internal sealed record ComparedQuery(string Name, string Sql, bool Ordered, params AnswerFormat[] Formats)
{
    /// <summary>The queries of the comparison, for a load.</summary>
    public static IReadOnlyList<ComparedQuery> All(PostLoad load)
    {
        string aKey = PostLoad.ObjectKey(load.Posts / 2);
        string aStateKey = PostLoad.StateKey(load.Keys / 2);
        int step = Math.Max(1, load.Posts / 100);
        string hundred = string.Join(", ", Enumerable.Range(0, Math.Min(100, load.Posts)).Select(i => $"'{PostLoad.ObjectKey(i * step)}'"));
        return
        [
            Json("count", "select count(*) as n from state"),
            Json(
                "grouped sums",
                "select service_key, count(*) as n, sum(value_length) as bytes, sum(key_length) as names from state group by service_key"),
            Json("group by substr", "select substr(value_utf8, 1, 2) as p, count(*) as n, sum(value_length) as bytes from state group by substr(value_utf8, 1, 2)"),
            Json("min, max, avg", "select min(value_utf8) as lo, max(value_utf8) as hi, avg(value_length) as mean from state"),
            Json("top-n", "select service_key, key, value_length from state order by value_length desc, service_key, key limit 100", ordered: true),
            Json("distinct", "select distinct key from state"),
            Json("count distinct", "select count(distinct value_utf8) as n from state"),
            Json("self join", "select count(*) as n from state a join state b on a.service_key = b.service_key and a.key = b.key"),
            Json(
                "window",
                "select service_key, key, value_length from (select service_key, key, value_length, "
                + "row_number() over (partition by service_key order by value_length desc, key) as r from state) t where r = 1"),
            Json(
                "point, full key",
                $"select value_utf8, value, value_length from state where service_name = '{SdkService.ObjectName}' and service_key = '{aKey}' and key = '{aStateKey}'"),
            Json("point, service_key", $"select key, value_utf8 from state where service_key = '{aKey}' order by key", ordered: true),
            Json("IN (100 keys)", $"select service_key, count(*) as n, sum(value_length) as bytes from state where service_key in ({hundred}) group by service_key"),
            new("full rows", "select * from state", Ordered: false, AnswerFormat.Arrow, AnswerFormat.Json),
        ];
    }

    private static ComparedQuery Json(string name, string sql, bool ordered = false) => new(name, sql, ordered, AnswerFormat.Json);
}
