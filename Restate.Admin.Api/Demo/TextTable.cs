using System.Text;

namespace Restate.Admin.Api.Demo;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Name">Its head.</param>
/// <param name="IsNumber">True: right-aligned.</param>
internal sealed record TextColumn(string Name, bool IsNumber = false);

/// <summary>Rows as lines of aligned text.</summary>
internal static class TextTable
{
    private const int Gap = 2;
    private const int LongestCell = 48;

    /// <summary>One line for the heads, then one for each row; no blanks at line ends.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="rows">Rows with a cell for each column.</param>
    /// <exception cref="ArgumentException">A row has more or fewer cells than there are columns.</exception>
    public static IReadOnlyList<string> Format(IReadOnlyList<TextColumn> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        List<string[]> cells = [[.. columns.Select(column => Clean(column.Name))]];
        foreach (IReadOnlyList<string> row in rows)
        {
            if (row.Count != columns.Count)
                throw new ArgumentException($"a row has {row.Count} cells, the table {columns.Count} columns", nameof(rows));
            cells.Add([.. row.Select(Clean)]);
        }

        int[] widths = [.. columns.Select((_, column) => cells.Max(row => row[column].Length))];
        return [.. cells.Select(row => Line(row, columns, widths))];
    }

    private static string Line(string[] row, IReadOnlyList<TextColumn> columns, int[] widths)
    {
        var line = new StringBuilder();
        for (int column = 0; column < row.Length; column++)
        {
            line.Append(columns[column].IsNumber ? row[column].PadLeft(widths[column]) : row[column].PadRight(widths[column]));
            line.Append(' ', Gap);
        }

        return line.ToString().TrimEnd();
    }

    /// <summary>A cell is data that anybody may have stored: it must not send control sequences to a terminal, nor break the table.</summary>
    private static string Clean(string cell)
    {
        string text = string.Create(cell.Length, cell, (to, from) =>
        {
            for (int i = 0; i < from.Length; i++)
                to[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '?' : from[i];
        });
        return text.Length <= LongestCell ? text : text[..(LongestCell - 1)] + "…";
    }
}
