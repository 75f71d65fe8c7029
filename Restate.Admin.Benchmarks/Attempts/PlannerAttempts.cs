namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>Wide statements: what takes long to bind and to plan, where no interrupt reaches.</summary>
internal static class PlannerAttempts
{
    private const string Kind = "planner";

    /// <summary>All of them.</summary>
    internal static IEnumerable<Attempt> All => [.. Joins(), .. Lists(), .. Columns(), .. Groups()];

    private static IEnumerable<Attempt> Joins()
    {
        foreach (int tables in (int[])[6, 12, 25, 50, 99])
        {
            string[] names = [.. Enumerable.Range(0, tables).Select(i => $"t{i}")];
            string from = string.Join(", ", names.Select(name => $"state {name}"));
            string clique = string.Join(" and ", Enumerable.Range(1, tables - 1).Select(i => $"t0.service_key = t{i}.service_key"));
            string chain = string.Join(" and ", Enumerable.Range(1, tables - 1).Select(i => $"t{i - 1}.key = t{i}.key"));
            yield return Attempt.BoundedLong(Kind, $"{tables} tables crossed", $"select count(*) from {from}");
            yield return Attempt.BoundedLong(Kind, $"{tables} tables joined in a star", $"select count(*) from {from} where {clique}");
            yield return Attempt.BoundedLong(Kind, $"{tables} tables joined in a chain", $"select count(*) from {from} where {chain}");
            yield return Attempt.BoundedLong(Kind, $"{tables} tables joined in a star and a chain", $"select count(*) from {from} where {clique} and {chain}");
            yield return Attempt.BoundedLong(Kind, $"{tables} tables, empty, joined in a star", $"select count(*) from {from} where {clique} and t0.service_key = 'none'");
            yield return Attempt.BoundedLong(Kind, $"{tables} natural joins", $"select count(*) from {string.Join(" natural join ", names.Select(name => $"sys_service {name}"))}");
            yield return Attempt.BoundedLong(Kind, $"{tables} full joins", $"select count(*) from {string.Join(" full join ", names.Select((name, i) => $"state {name}{(i == 0 ? "" : $" on t0.key = {name}.key")}"))}");
            yield return Attempt.BoundedLong(Kind, $"{tables} left joins with or", $"select count(*) from {string.Join(" left join ", names.Select((name, i) => $"sys_service {name}{(i == 0 ? "" : $" on t0.name = {name}.name or t0.revision = {name}.revision")}"))}");
            yield return Attempt.BoundedLong(Kind, $"{tables} subqueries in the list", $"select {string.Join(", ", names.Select(name => $"(select max(key) from state {name} where {name}.service_key = s.service_key)"))} from state s");
            yield return Attempt.BoundedLong(Kind, $"{tables} subqueries in where", $"select count(*) from state s where {string.Join(" or ", names.Select(name => $"s.key in (select key from state {name} where {name}.service_key = s.service_key)"))}");
            string predicate = string.Join(" and ", Pairs(tables, 400).Select(pair => $"t{pair.Left}.key = t{pair.Right}.key"));
            yield return Attempt.BoundedLong(Kind, $"{tables} tables, up to 400 equal pairs", $"select count(*) from {from} where {predicate}");
            string unequal = string.Join(" and ", Pairs(tables, 400).Select(pair => $"t{pair.Left}.value_length < t{pair.Right}.value_length"));
            yield return Attempt.BoundedLong(Kind, $"{tables} tables, up to 400 unequal pairs", $"select count(*) from {from} where {unequal}");
        }
    }

    private static IEnumerable<Attempt> Lists()
    {
        yield return Attempt.BoundedLong(Kind, "in of 4,900 keys", $"select count(*) from state where service_key in ({Many(4_900, i => $"'obj-{i}'")})");
        yield return Attempt.BoundedLong(Kind, "in of 4,900 expressions", $"select count(*) from state where value_length in ({Many(2_400, i => $"key_length+{i}")})");
        yield return Attempt.BoundedLong(Kind, "not in of 4,900 keys", $"select count(*) from state where key not in ({Many(4_900, i => $"'k{i}'")})");
        yield return Attempt.BoundedLong(Kind, "40 lists of 120", $"select count(*) from state where {Many(40, i => $"key in ({Many(110, j => $"'k{i}-{j}'")})", " or ")}");
        yield return Attempt.BoundedLong(Kind, "in of 4,900 keys of both sides of a join", $"select count(*) from state a join state b on a.key = b.key where a.service_key in ({Many(2_400, i => $"'obj-{i}'")}) and b.service_key in ({Many(2_400, i => $"'obj-{i}'")})");
        foreach (string between in (string[])["and", "or"])
        {
            yield return Attempt.BoundedLong(Kind, $"2,400 terms with {between}", $"select count(*) from state where {Many(2_400, i => $"key = 'k{i}'", $" {between} ")}");
            yield return Attempt.BoundedLong(Kind, $"2,400 unequal terms with {between}", $"select count(*) from state where {Many(2_400, i => $"value_length > {i}", $" {between} ")}");
            yield return Attempt.BoundedLong(Kind, $"1,200 likes with {between}", $"select count(*) from state where {Many(2_400, i => $"key like '%{i}%'", $" {between} ")}");
        }

        yield return Attempt.BoundedLong(Kind, "900 pairs of and in or", $"select count(*) from state where {Many(900, i => $"(key = 'k{i}' and value_length = {i})", " or ")}");
        yield return Attempt.BoundedLong(Kind, "900 pairs of or in and", $"select count(*) from state where {Many(900, i => $"(key = 'k{i}' or value_length = {i})", " and ")}");
        yield return Attempt.BoundedLong(Kind, "case of 2,400 branches", $"select case value_length {Many(2_400, i => $"when {i} then {i}", " ")} end from state");
        yield return Attempt.BoundedLong(Kind, "coalesce of 4,900", $"select coalesce({Many(4_900, _ => "null")}, key) from state");
        yield return Attempt.BoundedLong(Kind, "greatest of 2,400", $"select greatest({Many(4_900, _ => "value_length")}) from state");
        yield return Attempt.BoundedLong(Kind, "concat of 4,900", $"select concat({Many(4_900, _ => "key")}) from state");
        yield return Attempt.BoundedLong(Kind, "list of 4,900", $"select [{Many(4_900, _ => "value_length")}] from state");
        yield return Attempt.BoundedLong(Kind, "list of 4,900 literals", $"select [{Many(4_900, i => $"{i}")}] from state");
        yield return Attempt.BoundedLong(Kind, "struct of 2,400 fields", $"select {{{Many(2_400, i => $"f{i}: value_length")}}} from state");
        yield return Attempt.BoundedLong(Kind, "values of 4,900 rows", $"select count(*) from (values {Many(2_400, i => $"({i})")}) v");
        yield return Attempt.BoundedLong(Kind, "values of 4,900 rows crossed", $"with v as (values {Many(1_200, i => $"({i})")}) select count(*) from v a, v b, v c, v d");
        yield return Attempt.BoundedLong(Kind, "unnest of 4,900 crossed", $"select count(*) from unnest([{Many(2_400, i => $"{i}")}]) a(x), unnest([{Many(2_400, i => $"{i}")}]) b(y), state");
        yield return Attempt.RefusedLong(Kind, "1,000 selects united", string.Join(" union all ", Enumerable.Repeat("select 1", 1_000)));
        yield return Attempt.BoundedLong(Kind, "90 selects united", string.Join(" union all by name ", Enumerable.Range(0, 90).Select(i => $"select *, {i} c{i} from state")));
    }

    private static IEnumerable<Attempt> Columns()
    {
        yield return Attempt.RefusedLong(Kind, "200 stars", $"select {Many(200, _ => "*")} from state", "columns");
        yield return Attempt.RefusedLong(Kind, "2,000 columns", $"select {Many(2_000, i => $"{i} c{i}")}", "columns");
        yield return Attempt.BoundedLong(Kind, "1,000 columns", $"select {Many(1_000, i => $"value_length c{i}")} from state");
        yield return Attempt.BoundedLong(Kind, "1,000 columns sorted", $"select {Many(1_000, i => $"key c{i}")} from state order by all");
        yield return Attempt.BoundedLong(Kind, "1,000 columns distinct", $"select distinct {Many(1_000, i => $"key c{i}")} from state");
        yield return Attempt.BoundedLong(Kind, "1,000 columns grouped", $"select {Many(1_000, i => $"key||{i} c{i}")} from state group by all");
        yield return Attempt.BoundedLong(Kind, "1,000 aggregates", $"select {Many(1_000, i => $"max(value_length+{i})")} from state");
        yield return Attempt.BoundedLong(Kind, "1,000 distinct aggregates", $"select {Many(1_000, i => $"count(distinct value_length+{i})")} from state");
        yield return Attempt.BoundedLong(Kind, "1,000 quantiles", $"select {Many(1_000, i => $"median(value_length+{i})")} from state group by service_key");
        yield return Attempt.BoundedLong(Kind, "90 stars", $"select {Many(90, _ => "*")} from state");
        yield return Attempt.BoundedLong(Kind, "90 stars of columns(*)", $"select {Many(60, _ => "columns(*)")} from state");
        yield return Attempt.BoundedLong(Kind, "columns(*) in 500 places", $"select {Many(500, _ => "columns(*)", " + ")} from (select value_length, key_length from state)");
        yield return Attempt.BoundedLong(Kind, "600 windows alike", $"select {Many(600, i => $"lag(value_length,{i}) over (order by key)")} from state");
        yield return Attempt.BoundedLong(Kind, "300 windows all different", $"select {Many(300, i => $"sum(value_length) over (partition by value_length+{i} order by key)")} from state");
        yield return Attempt.BoundedLong(Kind, "1,000 sort keys", $"select key from state order by {Many(1_000, i => $"value_length+{i}")}");
        yield return Attempt.BoundedLong(Kind, "4,000 sort keys", $"select key from state order by {Many(4_000, _ => "key")}");
        yield return Attempt.BoundedLong(Kind, "1,000 partition keys", $"select row_number() over (partition by {Many(1_000, i => $"value_length+{i}")}) from state");
        yield return Attempt.BoundedLong(Kind, "100 columns wide, joined 10 times", $"with w as (select {Many(100, i => $"key c{i}")} from state) select * from {Many(10, i => $"w w{i}")}");
        yield return Attempt.BoundedLong(Kind, "using of all columns", "select count(*) from state a join state b using (partition_key, service_name, service_key, key, value)");
    }

    private static IEnumerable<Attempt> Groups()
    {
        const string Seven = "partition_key, scope, service_name, service_key, key, value_utf8, value";
        yield return Attempt.RefusedLong(Kind, "cube of 7", $"select count(*) from state group by cube ({Seven})", "grouping sets");
        yield return Attempt.RefusedLong(Kind, "cube of 30", $"select count(*) from state group by cube ({Many(30, i => $"value_length+{i}")})");
        yield return Attempt.RefusedLong(Kind, "cube of 12", $"select count(*) from state group by cube ({Many(12, i => $"value_length+{i}")})");
        yield return Attempt.BoundedLong(Kind, "8 cubes of 2", $"select count(*) from state group by {Many(8, i => $"cube (value_length+{i}, key_length+{i})")}");
        yield return Attempt.BoundedLong(Kind, "40 rollups of 1", $"select count(*) from state group by {Many(40, i => $"rollup (value_length+{i})")}");
        yield return Attempt.BoundedLong(Kind, "1,000 grouping sets", $"select count(*) from state group by grouping sets ({Many(1_000, i => $"(value_length+{i})")})");
        yield return Attempt.RefusedLong(Kind, "rollup of 1,000", $"select count(*) from state group by rollup ({Many(1_000, i => $"value_length+{i}")})");
        yield return Attempt.RefusedLong(Kind, "grouping sets inside grouping sets", $"select count(*) from state group by grouping sets ({Many(20, _ => "cube (key, service_key, value)")})");
        yield return Attempt.BoundedLong(Kind, "cube of 6", "select count(*) from state group by cube (partition_key, service_name, service_key, key, value_utf8, value)");
        yield return Attempt.BoundedLong(Kind, "64 grouping sets of 64 aggregates", $"select {Many(64, i => $"sum(value_length+{i})")} from state group by grouping sets ({Many(64, i => $"(key, value_length+{i})")})");
        yield return Attempt.BoundedLong(Kind, "1,000 keys to group by", $"select count(*) from state group by {Many(1_000, i => $"value_length+{i}")}");
    }

    private static IEnumerable<(int Left, int Right)> Pairs(int tables, int most) =>
        Enumerable.Range(0, tables).SelectMany(left => Enumerable.Range(left + 1, tables - left - 1).Select(right => (left, right))).Take(most);

    private static string Many(int count, Func<int, string> one, string between = ",") => string.Join(between, Enumerable.Range(0, count).Select(one));
}
