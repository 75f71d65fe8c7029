using System.Text.Json.Nodes;

namespace Restate.Admin.Api.Query.Dialect;

/// <summary>A column of a relation.</summary>
/// <param name="Qualifier">What may stand before its name; null when nothing may.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in the peer.</param>
internal readonly record struct OutputColumn(string? Qualifier, string Name, PeerType Type = default);

/// <summary>Something in FROM.</summary>
internal sealed class FromItem
{
    private readonly Lazy<Dictionary<string, int>> _counts;
    private readonly Lazy<HashSet<string>> _qualifiers;

    /// <param name="alias">The name it goes by; null for an unnamed subquery.</param>
    /// <param name="table">The parsed table reference.</param>
    /// <param name="columns">Its columns; null when they are not known.</param>
    internal FromItem(string? alias, JsonObject table, IReadOnlyList<OutputColumn>? columns)
    {
        Alias = alias;
        Table = table;
        Columns = columns;
        _counts = new Lazy<Dictionary<string, int>>(() =>
        {
            var counts = new Dictionary<string, int>(SqlNames.Comparer);
            foreach (OutputColumn column in columns ?? [])
                counts[column.Name] = counts.GetValueOrDefault(column.Name) + 1;
            return counts;
        });
        _qualifiers = new Lazy<HashSet<string>>(() =>
            (columns ?? []).Select(column => column.Qualifier).OfType<string>().ToHashSet(SqlNames.Comparer));
    }

    internal string? Alias { get; }

    internal JsonObject Table { get; }

    internal IReadOnlyList<OutputColumn>? Columns { get; }

    /// <summary>How often the name is a column of it.</summary>
    internal int Count(string name) => _counts.Value.GetValueOrDefault(name);

    /// <summary>True when a column of it has the qualifier.</summary>
    internal bool Has(string qualifier) => _qualifiers.Value.Contains(qualifier);
}

/// <summary>What names mean at a place of a statement.</summary>
internal sealed class DialectScope(DialectScope? outer)
{
    private readonly Dictionary<string, IReadOnlyList<OutputColumn>?> _commonTables = new(SqlNames.Comparer);

    /// <summary>The next scope a name is looked for in.</summary>
    internal DialectScope? Outer => outer;

    /// <summary>What stands in FROM, in order.</summary>
    internal List<FromItem> From { get; } = [];

    /// <summary>True when a join makes one column of two, so that * is not the columns of all items.</summary>
    internal bool HasMergedColumns { get; set; }

    /// <summary>Makes a common table expression known.</summary>
    internal void AddCommonTable(string name, IReadOnlyList<OutputColumn>? columns) => _commonTables[name] = columns;

    /// <summary>True when the name is a common table expression's, with its columns.</summary>
    internal bool TryFindCommonTable(string name, out IReadOnlyList<OutputColumn>? columns) =>
        _commonTables.TryGetValue(name, out columns) || (outer is not null && outer.TryFindCommonTable(name, out columns));

    /// <summary>The qualifier of a column that was written without one; null when it has none or it is not known.</summary>
    internal bool TryQualify(string name, out string? qualifier)
    {
        qualifier = null;
        FromItem[] holders = [.. From.Where(item => item.Count(name) > 0)];
        if (From.Any(item => item.Columns is null) || holders.Length > 1 || holders.Any(item => item.Count(name) > 1))
            return false;
        if (holders.Length == 0)
            return outer is not null && outer.TryQualify(name, out qualifier);
        qualifier = holders[0].Columns!.First(column => SqlNames.Same(column.Name, name)).Qualifier;
        return true;
    }

    /// <summary>The type of a column by the parts of its name; not known where there is more than one that differ.</summary>
    internal PeerType TypeOf(string[] path)
    {
        string name = path[^1];
        string? qualifier = path.Length > 1 ? path[^2] : null;
        for (DialectScope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.From.Any(item => item.Columns is null && (qualifier is null || item.Alias is null || SqlNames.Same(item.Alias, qualifier))))
                return PeerKind.Unknown;
            OutputColumn[] found = [.. scope.From
                .SelectMany(item => item.Columns ?? [])
                .Where(column => SqlNames.Same(column.Name, name) && (qualifier is null || Is(column, qualifier)))];
            if (found.Length > 0)
                return found.All(column => column.Type == found[0].Type) ? found[0].Type : PeerKind.Unknown;
        }

        return PeerKind.Unknown;
    }

    /// <summary>
    /// The unnamed subquery that lets a column through under the qualifier it has inside. The peer's names go through such a subquery,
    /// DuckDB's do not. Null when the qualifier means something else at or before the place where it is found, or is not certain.
    /// </summary>
    internal FromItem? FindUnnamed(string qualifier, string name)
    {
        for (DialectScope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.From.Any(item => item.Alias is not null && SqlNames.Same(item.Alias, qualifier)))
                return null;
            FromItem[] unnamed = [.. scope.From.Where(item => item.Alias is null)];
            if (unnamed.Any(item => item.Columns is null))
                return null;
            FromItem[] holders = [.. unnamed.Where(item => item.Has(qualifier))];
            if (holders.Length == 0)
                continue;

            // Twice the same name inside: DuckDB could only say the first of them.
            return holders.Length == 1 && holders[0].Count(name) == 1
                && holders[0].Columns!.Any(column => Is(column, qualifier) && SqlNames.Same(column.Name, name))
                    ? holders[0]
                    : null;
        }

        return null;
    }

    private static bool Is(OutputColumn column, string qualifier) =>
        column.Qualifier is not null && SqlNames.Same(column.Qualifier, qualifier);
}
