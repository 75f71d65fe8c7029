namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>Everything that our server answers otherwise than the peer, as far as it is known.</summary>
public static class Differences
{
    /// <summary>The list.</summary>
    public static IReadOnlyList<Difference> All { get; } = [.. DifferencesInValues.All, .. DifferencesInReach.All, .. DifferencesInTypes.All];
}
