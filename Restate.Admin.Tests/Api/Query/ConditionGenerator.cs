using System.Globalization;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>Statements over <c>state</c> whose conditions are made at random; the same for the same seed.</summary>
internal sealed class ConditionGenerator(int seed)
{
    private const string Columns = "partition_key, service_name, service_key, key, key_length, value_utf8";

    private static readonly string[] KeyColumns = ["partition_key", "service_name", "service_key", "key"];
    private static readonly string[] PartitionKeys = [.. PushdownData.PartitionKeys()];

    private readonly Random _random = new(seed);

    /// <summary>True when the last statement mentions <c>state</c> once.</summary>
    internal bool IsSimple { get; private set; }

    internal string Next()
    {
        int kind = _random.Next(16);
        IsSimple = kind < 11;
        return kind switch
        {
            < 6 => $"select {Columns} from state where {Condition("", 0)}",
            6 => $"select count(*) n, min(key) a, max(value_utf8) b from state where {Condition("", 0)}",
            7 => $"select service_name, key, count(*) n from state s where {Condition("s.", 0)} group by 1, 2",
            8 => $"select {Columns} from state where {Condition("", 0)} order by all limit {_random.Next(20)}",
            9 => $"with x (p, service_key, service_name, k, v) as (select partition_key, service_name, service_key, key, value_utf8 from state where {Condition("", 1)}) "
                + $"select * from x where p > {Pick("0", "9223372036854775808")} and {Renamed()}",
            10 => $"select * from (select {Columns}, row_number() over (partition by service_key, service_name order by value_utf8) r from state) where {Condition("", 0)}",
            11 => $"select a.service_key, a.key, b.value_utf8 from state a {Pick("join", "left join")} state b on a.service_key = b.service_key and a.service_name = b.service_name and a.key = b.key where {Condition("a.", 1)}",
            12 => $"select a.key, b.key as k from state a join state b using (service_key) where {Exact("a.")} and {Condition("b.", 1)}",
            13 => $"select {Columns} from state where {Condition("", 1)} {Pick("union all", "union", "except", "intersect")} select {Columns} from state where {Condition("", 1)}",
            14 => $"select {Columns} from state where key in (select key from state where {Condition("", 1)}) and {Condition("", 1)}",
            _ => $"with x as (select * from state where {Condition("", 1)}) select a.key, b.value_utf8 from x a join x b on a.service_key = b.service_key and a.value_utf8 = b.value_utf8 where {Condition("a.", 1)}",
        };
    }

    private string Condition(string of, int depth) => _random.Next(depth < 4 ? 16 : 3) switch
    {
        < 3 => Leaf(of),
        < 5 => $"({Condition(of, depth + 1)} and {Condition(of, depth + 1)})",
        5 => $"({Condition(of, depth + 1)} or {Condition(of, depth + 1)})",
        6 => $"not ({Condition(of, depth + 1)})",
        < 10 => $"({Exact(of)} and {Compared($"{of}key", "key")})",
        < 13 => $"({of}partition_key = {PartitionKeys[_random.Next(PushdownData.ServiceKeys.Length * 4)]} and {Compared($"{of}service_name", "service_name")})",
        _ => $"({Compared($"{of}partition_key", "partition_key")} and {Condition(of, depth + 1)})",
    };

    /// <summary>One object, as lookups name it.</summary>
    private string Exact(string of) =>
        $"{of}service_name = {Text(PushdownData.ServiceNames)} and {of}service_key {Pick($"= {Text(PushdownData.ServiceKeys)}", $"in ({Text(PushdownData.ServiceKeys)}, {Text(PushdownData.ServiceKeys)}, {Text(PushdownData.ServiceKeys)})")}";

    /// <summary>A condition on columns that are called like others.</summary>
    private string Renamed() => Pick(
        $"service_key = {Text(PushdownData.ServiceNames)}",
        $"service_name = {Text(PushdownData.ServiceKeys)} and k >= {Text(PushdownData.StateKeys)}",
        $"k like 'k%' and service_name > {Text(PushdownData.ServiceKeys)}");

    private string Leaf(string of)
    {
        string column = KeyColumns[_random.Next(KeyColumns.Length)];
        return _random.Next(20) switch
        {
            0 => $"{of}key is null",
            1 => $"{of}value_utf8 like 'v1%'",
            2 => $"({Compared($"{of}{column}", column)}) = {Pick("true", "false")}",
            3 => $"(length({of}value_utf8) > 3) between {Pick("false", "true")} and ({Compared($"{of}{column}", column)})",
            4 => $"coalesce({Compared($"{of}{column}", column)}, {Pick("true", "false")})",
            5 => $"case when {of}key_length > 1 then {Compared($"{of}{column}", column)} else {Compared($"{of}key", "key")} end",
            _ => Compared($"{of}{column}", column),
        };
    }

    private string Compared(string name, string column)
    {
        string Literal() => column switch
        {
            "partition_key" => PartitionKeys[_random.Next(PartitionKeys.Length)],
            "service_name" => Text(PushdownData.ServiceNames),
            "service_key" => Text(PushdownData.ServiceKeys),
            _ => Text(PushdownData.StateKeys),
        };
        int choice = _random.Next(column == "partition_key" ? 12 : 18);
        return choice switch
        {
            < 3 => $"{name} = {Literal()}",
            3 => $"{Literal()} {Pick("=", "<", "<=", ">", ">=")} {name}",
            4 => $"{name} <> {Literal()}",
            < 7 => $"{name} {Pick("<", "<=", ">", ">=")} {Literal()}",
            7 => $"{name} >= {Literal()} and {name} < {Literal()}",
            8 => $"{name} {Pick("", "not ")}between {Literal()} and {Literal()}",
            < 11 => $"{name} {Pick("", "", "not ")}in ({string.Join(", ", Enumerable.Range(0, _random.Next(6) == 0 ? _random.Next(17, 40) : _random.Next(1, 8)).Select(_ => Literal()))})",
            11 => $"{name} is not distinct from {Literal()}",
            12 => $"starts_with({name}, {Literal()})",
            13 => $"{name} {Pick("", "", "not ")}like {Pick("'k%'", "'o%'", "'k1_'", "'k_%'", "'%'", "'k'", "'o\\_1'", "'A%'", "''")}",
            14 => $"{name} ^@ {Literal()}",
            15 => $"{name} like '{Pick("k", "o", "A")}{Pick("!%", "!_", "1")}%' escape '!'",
            16 => $"{name} = chr({Pick("0", "111", "107")}) || {Pick("''", "'1'")}",
            _ => $"{name} {Pick(">", "<=")} 'k' || chr({Pick("0", "49", "1114111")})",
        };
    }

    private string Text(string[] values) => $"'{values[_random.Next(values.Length)].Replace("'", "''", StringComparison.Ordinal)}'";

    private string Pick(params string[] choices) => choices[_random.Next(choices.Length)];

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"seed {seed}");
}
