namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>Shows two texts side by side, line by line, where they differ.</summary>
internal static class TextDifference
{
    /// <summary>The lines of both: <c>-</c> only expected, <c>+</c> only actual. Null where they are equal.</summary>
    public static string? Between(string expected, string actual)
    {
        if (expected == actual)
            return null;
        string[] left = expected.Split('\n');
        string[] right = actual.Split('\n');
        int[,] common = Common(left, right);
        var lines = new List<string>();
        int i = 0;
        int j = 0;
        while (i < left.Length || j < right.Length)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
            {
                lines.Add("  " + left[i++]);
                j++;
            }
            else if (j == right.Length || (i < left.Length && common[i + 1, j] >= common[i, j + 1]))
                lines.Add("- " + left[i++]);
            else
                lines.Add("+ " + right[j++]);
        }

        return string.Join('\n', lines);
    }

    /// <summary>Length of the longest common subsequence of what follows, for every pair of places.</summary>
    private static int[,] Common(string[] left, string[] right)
    {
        int[,] common = new int[left.Length + 1, right.Length + 1];
        for (int i = left.Length - 1; i >= 0; i--)
        {
            for (int j = right.Length - 1; j >= 0; j--)
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        return common;
    }
}
