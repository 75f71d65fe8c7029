using System.Text;
using System.Text.RegularExpressions;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>Restate's own command line client does the same with our node as with the peer.</summary>
[Collection(EndToEndCollection.Name)]
public sealed partial class CliTests : IClassFixture<CliPair>
{
    private readonly CliPair _pair;

    public CliTests(CliPair pair)
    {
        Installed.RequireSdkService();
        Installed.RequirePeer();
        Installed.RequireCli();
        _pair = pair;
    }

    public static TheoryData<string> Subjects => [.. CliScript.Subjects.Keys];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Subjects))]
    public async Task The_client_says_the_same(string subject)
    {
        // All steps run whatever the first difference is: the others are worth knowing too.
        var failures = new StringBuilder();
        foreach (CliStep step in CliScript.Subjects[subject])
        {
            CliRun peer = await _pair.Peer.RunAsync(step, Cancelled);
            CliRun ours = await _pair.Ours.RunAsync(step, Cancelled);
            failures.Append(Missing(step, "peer", peer)).Append(Difference(step, peer, ours));
        }

        Assert.True(failures.Length == 0, failures.ToString());
    }

    /// <summary>What a run lacks of what its step promises.</summary>
    private static string? Missing(CliStep step, string server, CliRun run) =>
        run.ExitCode == step.Exit && (step.Shows is null || (run.Output + run.Error).Contains(step.Shows, StringComparison.Ordinal))
            ? null
            : $"\n{step} on {server}: exit code {run.ExitCode}, expected {step.Exit} and '{step.Shows}'\n{run.Output}\n{run.Error}\n";

    private static string? Difference(CliStep step, CliRun peer, CliRun ours)
    {
        if (step.OwnWords is not null)
            return Missing(step, "ours", ours);
        string expected = Text(peer);
        foreach (IntendedDifference difference in step.Differences)
        {
            string meant = Regex.Replace(expected, difference.Peer, difference.Ours);
            if (meant == expected)
                return $"\n{step}: the peer does not say '{difference.Peer}' any more ({difference.Reason})\n{expected}\n";
            expected = meant;
        }

        return TextDifference.Between(expected, Text(ours)) is { } lines ? $"\n{step}\n{lines}\n" : null;
    }

    private static string Text(CliRun run) => $"exit code {run.ExitCode}\n{run.Output}\n--- standard error\n{run.Error}";
}
