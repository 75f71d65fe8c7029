namespace Restate.Admin.Benchmarks.Fuzz;

/// <summary>Queries, table expressions and expressions.</summary>
internal sealed partial class StatementGenerator
{
    private static readonly string[] Joins =
    [
        ", ", " join ", " left join ", " right join ", " full join ", " cross join ", " natural join ", " semi join ", " anti join ", " asof join ",
        " positional join ", " asof left join ", ", lateral ", " left join lateral ",
    ];

    private static readonly string[] Frames =
    [
        "rows unbounded preceding", "rows between unbounded preceding and unbounded following", "rows between 5 preceding and current row",
        "range between unbounded preceding and current row", "groups between 1 preceding and 1 following", "rows between current row and 100000 following",
        "range between interval 1 day preceding and current row", "rows between 1 preceding and 1 following exclude ties",
        "rows between -1 preceding and 9223372036854775807 following",
    ];

    private string Query(int depth)
    {
        string with = Chance(15) ? With(depth) : "";
        string text = Select(depth);
        if (Chance(12))
            text += Pick([" union all ", " union ", " except ", " intersect ", " except all ", " union by name ", " intersect all "]) + Select(depth + 1);
        if (Chance(20))
            text += " order by " + (Chance(20) ? "all" : List(3, () => Expression(depth + 3) + Pick(["", " desc", " nulls first", " asc nulls last", " using <"])));
        if (Chance(20))
            text += " limit " + (Chance(80) ? Pick(["1", "10", "0", "1000000000", "10%", "99.9 percent", "null", "-1"]) : Expression(depth + 3));
        if (Chance(8))
            text += " offset " + Pick(["0", "5", "99999999999", "-1", "(select 1)"]);
        return with + text;
    }

    private string With(int depth)
    {
        if (Chance(30))
        {
            return $"with recursive r(a{(Chance(50) ? ", b" : "")}) {(Chance(10) ? "using key (a) " : "")}as ({Select(depth + 2)} {Pick(["union all", "union", "intersect"])} "
                + $"select {List(2, () => Expression(depth + 3))} from r{(Chance(40) ? ", " + Table(depth + 2) : "")}{(Chance(50) ? " where " + Expression(depth + 3) : "")}) ";
        }

        return "with " + List(3, () => $"{Pick(["x", "y", "state", "glob"])}{Pick(["", "(a)", "(a, b)"])} as {Pick(["", "materialized ", "not materialized "])}({Query(depth + 2)})") + " ";
    }

    private string Select(int depth)
    {
        string text = "select " + Pick(["", "", "", "distinct ", "distinct on (key) ", "all "]) + List(4, () => Item(depth));
        if (Chance(90))
            text += " from " + Table(depth);
        if (Chance(35))
            text += " where " + Expression(depth + 1);
        if (Chance(20))
        {
            text += " group by " + _random.Next(6) switch
            {
                0 => "all",
                1 => $"cube ({List(4, () => Pick(Columns))})",
                2 => $"rollup ({List(4, () => Pick(Columns))})",
                3 => $"grouping sets ({List(4, () => $"({Pick(Columns)})")})",
                _ => List(3, () => Expression(depth + 3)),
            };
            if (Chance(30))
                text += " having " + Expression(depth + 3);
        }

        if (Chance(5))
            text += $" window w as ({Over(depth)})";
        if (Chance(5))
            text += " qualify " + Expression(depth + 2);
        return text + (Chance(2) ? " using sample 10%" : "");
    }

    private string Item(int depth) => _random.Next(12) switch
    {
        0 => "*",
        1 => Pick(["t.*", "* exclude (key)", "* replace (1 as key)", "* rename (key as k)", "columns(*)", "columns('.*')", "columns(c -> c like 'k%')", "count(*)", "* like 'k%'", "*columns(*)", "min(columns(*))", "t"]),
        2 => Pick(Columns),
        3 => $"a: {Expression(depth + 2)}",
        _ => Expression(depth + 1) + Pick(["", " a", " as b", " as c0", " as \"odd name\""]),
    };

    private string Table(int depth)
    {
        string first = TablePart(depth) + " t";
        if (!Chance(30) || depth > 3)
            return first;
        string join = Pick(Joins);
        string second = TablePart(depth + 1) + " u";
        string condition = join.Contains(',') || join is " cross join " or " natural join " or " positional join " ? ""
            : Chance(30) ? Pick([" using (key)", " using (key, service_key)", " using (nope)"])
            : " on " + (Chance(40) ? Pick(["t.key = u.key", "t.service_key = u.service_key and t.key < u.key", "t.value_length >= u.value_length", "true"]) : Expression(depth + 2));
        return first + join + second + condition;
    }

    private string TablePart(int depth) => _random.Next(depth > 3 ? 12 : 24) switch
    {
        < 11 => Pick(Tables),
        11 => Pick(OddTables),
        < 16 => $"({Query(depth + 1)})",
        16 => $"(values {List(3, () => $"({Expression(depth + 3)})")})",
        17 => $"unnest({Pick(["[1,2,3]", "['a']", "[[1],[2]]", "t.key", Expression(depth + 3)])})",
        18 => $"{Pick(functions)}({List(3, () => Expression(depth + 3))})",
        19 => $"{Function()}({List(2, () => Expression(depth + 3))})",
        20 => Pick(["x", "y", "r", "glob"]),
        21 => $"(pivot {Pick(Tables)} on key using count(*))",
        22 => $"({Pick(Tables)} t join {Pick(Tables)} u on true)",
        _ => Pick(Tables) + Pick([" tablesample 10%", " tablesample reservoir(5)", " at (version => 1)", " pivot (count(*) for key in ('k0'))", " unpivot (v for n in (key, service_key))"]),
    };

    private string Expression(int depth)
    {
        if (depth >= MaxDepth)
            return Chance(50) ? Pick(Columns) : Pick(Literals);
        return _random.Next(28) switch
        {
            < 3 => Pick(Columns),
            < 5 => Pick(Literals),
            < 12 => Call(depth),
            < 16 => $"{Expression(depth + 1)} {Pick(Binary)} {Expression(depth + 1)}",
            16 => $"{Pick(Unary)} {Expression(depth + 1)}",
            17 => $"({Expression(depth + 1)})",
            18 => $"case {(Chance(30) ? Expression(depth + 2) : "")} when {Expression(depth + 1)} then {Expression(depth + 1)} else {Expression(depth + 2)} end",
            19 => $"{Pick(["cast", "try_cast"])}({Expression(depth + 1)} as {Pick(Types)})",
            20 => $"{Pick(Columns)}::{Pick(Types)}",
            21 => Chance(50) ? $"({Query(depth + 2)})" : $"exists ({Query(depth + 2)})",
            22 => $"{Expression(depth + 1)} {Pick(["in", "not in"])} ({(Chance(30) ? Query(depth + 2) : List(4, () => Expression(depth + 2)))})",
            23 => $"{Expression(depth + 1)}[{Pick(["1", "-1", "1:2", ":", "1:3:2", "'a'", "9223372036854775807", Expression(depth + 2)])}]",
            24 => $"{Expression(depth + 1)} between {Expression(depth + 2)} and {Expression(depth + 2)}",
            25 => Pick([$"[{List(3, () => Expression(depth + 2))}]", $"{{'a': {Expression(depth + 2)}, 'b': {Expression(depth + 2)}}}", $"map {{{Expression(depth + 2)}: {Expression(depth + 2)}}}", $"[x for x in {Expression(depth + 2)} if x is not null]", $"row({Expression(depth + 2)}, 1)"]),
            26 => $"{Expression(depth + 1)} {Pick(["is null", "is not null", "isnull", "collate nocase", "at time zone 'UTC'", "is true", "is unknown", "like 'a%' escape '!'"])}",
            _ => Pick(["extract(year from now())", "position('a' in key)", "substring(key from 1 for 2)", "overlay(key placing 'x' from 1)", "trim(both 'a' from key)", "(select 1)", "grouping(key)", "array(select key from state)", "1 = any(select 1)", "(t).key", "interval (value_length) day", "getvariable('x')"]),
        };
    }

    private string Call(int depth)
    {
        string name = Pick(["", "", "", "", "", "", "", "main.", "system.main.", "pg_catalog."]) + Function();
        if (!name.All(c => char.IsLetterOrDigit(c) || c is '_' or '.'))
            return $"{Expression(depth + 1)} {name} {Expression(depth + 1)}";
        string inside = Pick(["", "", "", "", "distinct "])
            + (Chance(10) ? Pick(["", "*"]) : List(3, () => Expression(depth + 1)))
            + (Chance(4) ? " order by " + Expression(depth + 3) : "");
        string text = Chance(4) ? $"{Pick(Columns)}.{name}({inside})" : $"{name}({inside})";
        if (Chance(4))
            text += $" filter (where {Expression(depth + 3)})";
        if (Chance(3))
            text += $" within group (order by {Pick(Columns)})";
        return Chance(8) ? $"{text} over {(Chance(10) ? "w" : $"({Over(depth)})")}" : text;
    }

    private string Over(int depth) => (Chance(50) ? $"partition by {List(2, () => Expression(depth + 3))} " : "")
        + (Chance(60) ? $"order by {List(2, () => Expression(depth + 3))} " : "")
        + (Chance(40) ? Pick(Frames) : "");
}
