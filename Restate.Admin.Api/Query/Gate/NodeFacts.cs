namespace Restate.Admin.Api.Query.Gate;

/// <summary>
/// What the gate estimates of an expression: how many copies of it binding can make, and how many bytes one value of it can have.
/// Both saturate.
/// </summary>
internal readonly record struct ExpressionFacts(long Weight, long Bytes)
{
    internal static ExpressionFacts Column { get; } = new(1, 1024);

    internal static ExpressionFacts Max(ExpressionFacts left, ExpressionFacts right) =>
        new(Math.Max(left.Weight, right.Weight), Math.Max(left.Bytes, right.Bytes));
}

/// <summary>What the gate estimates of a table expression.</summary>
internal sealed class RelationFacts
{
    /// <summary>Number of columns, at most.</summary>
    internal long Columns { get; set; }

    /// <summary>Mentions of tables, those inside common table expressions counted for every use.</summary>
    internal long Tables { get; set; }

    /// <summary>Weight of all expressions in it.</summary>
    internal long Cost { get; set; }

    /// <summary>Tables that the search for a join order may see at once, at most.</summary>
    internal long Joined { get; set; }

    /// <summary>Most aggregations one inside the other.</summary>
    internal int AggregateDepth { get; set; }

    /// <summary>Its named columns that are not plain table columns.</summary>
    internal Dictionary<string, ExpressionFacts> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes in another relation, as a join does.</summary>
    internal void Add(RelationFacts other)
    {
        Columns += other.Columns;
        Tables += other.Tables;
        Cost += other.Cost;
        Joined += other.Joined;
        AggregateDepth = Math.Max(AggregateDepth, other.AggregateDepth);
        foreach ((string name, ExpressionFacts facts) in other.Names)
            Note(name, facts);
    }

    internal void Note(string name, ExpressionFacts facts) =>
        Names[name] = Names.TryGetValue(name, out ExpressionFacts known) ? ExpressionFacts.Max(known, facts) : facts;

    /// <summary>Facts that hold for every column.</summary>
    internal ExpressionFacts Worst() => Names.Values.Aggregate(ExpressionFacts.Column, ExpressionFacts.Max);
}

/// <summary>Names an expression can refer to, and the common table expressions in sight.</summary>
internal sealed class GateScope(GateScope? outer)
{
    internal Dictionary<string, ExpressionFacts> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    internal Dictionary<string, RelationFacts> CommonTables { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// True where each row of a part of FROM can stand in many rows: a value collected from all rows would be copied or read again for each.
    /// </summary>
    internal bool Repeats { get; set; }

    /// <summary>Names of values collected from rows that this query reads, and does not collect itself.</summary>
    internal HashSet<string> Collected { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>True where the name is a collected value, and every row of some table would read it.</summary>
    internal bool IsRepeated(string name, bool isInner = false) =>
        Collected.Contains(name) ? Repeats || isInner : !Names.ContainsKey(name) && outer is not null && outer.IsRepeated(name, isInner: true);

    internal ExpressionFacts? FindName(string name) =>
        Names.TryGetValue(name, out ExpressionFacts facts) ? facts : outer?.FindName(name);

    internal RelationFacts? FindCommonTable(string name) =>
        CommonTables.TryGetValue(name, out RelationFacts? facts) ? facts : outer?.FindCommonTable(name);
}
