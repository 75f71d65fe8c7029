using System.Text;
using Restate.Admin.Tests.EndToEnd.Answers;

namespace Restate.Admin.Tests.Docs;

/// <summary>The differences of <c>docs/sql.md</c>, made of those that a test runs against both servers.</summary>
internal static class SqlDifferencesText
{
    /// <summary>Longer statements and answers are cut: the table is to be read.</summary>
    private const int MaxLength = 100;

    public static string Write()
    {
        var text = new StringBuilder();
        text.Append("| What | For example | Here | Restate | Why |\n|---|---|---|---|---|\n");
        foreach (Difference difference in Differences.All)
            text.Append($"| {difference.Title} | {Code(difference.Statement)} | {Code(difference.Ours)} | {Code(difference.Peer)} | {Named(difference.Reason)} |\n");
        return text.ToString();
    }

    /// <summary>Tests say "the peer"; a reader of the document asks about Restate.</summary>
    private static string Named(string reason) => Plain(reason)
        .Replace("The peer", "Restate", StringComparison.Ordinal)
        .Replace("the peer", "Restate", StringComparison.Ordinal);

    private static string Plain(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");

    private static string Code(string text)
    {
        string line = text.ReplaceLineEndings(" ").Replace('`', '\'');
        return $"`{Plain(line.Length <= MaxLength ? line : line[..(MaxLength - 1)] + "…")}`";
    }
}
