using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.SideBySide;

/// <summary>
/// Gives the same posts and the same SQL to our server and to the peer, alternating, and prints a table. Answers must be
/// equal in values and Arrow types; when one is not, the table says so and the command fails.
/// </summary>
internal sealed class SideBySideCommand(SideBySideOptions options, TextWriter output)
{
    private static readonly AnswerFormat[] Formats = [AnswerFormat.Json, AnswerFormat.Arrow];

    /// <returns>True when every answer was equal.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var peerInstall = PeerInstall.At(options.PeerDirectory);
        await peerInstall.EnsureAsync(cancellationToken);
        await using SdkService service = await SdkService.StartAsync(cancellationToken);
        using var oursFolder = new TemporaryFolder();
        using var peerFolder = new TemporaryFolder();
        await using ServerProcess ours = options.PeerOnBothSides
            ? await ServerProcess.StartPeerAsync(peerInstall, oursFolder.Path, cancellationToken)
            : await ServerProcess.StartOursAsync(oursFolder.Path, cancellationToken);
        await using ServerProcess peer = await ServerProcess.StartPeerAsync(peerInstall, peerFolder.Path, cancellationToken);

        var report = new SideBySideReport(output, $"{options.Load.Posts} posts of {options.Load.Keys} keys, median of {options.Rounds}");
        report.Startup(ours.Startup, peer.Startup);
        await ours.Admin.RegisterAsync(service.Uri, cancellationToken);
        await peer.Admin.RegisterAsync(service.Uri, cancellationToken);
        report.Memory("RSS idle", ours, peer);

        byte[][] bodies = options.Load.BuildBodies();
        LoadTimes oursLoad = await options.Load.RunAsync(ours, bodies, cancellationToken);
        LoadTimes peerLoad = await options.Load.RunAsync(peer, bodies, cancellationToken);
        report.Load(options.Load.Rows, oursLoad, peerLoad);
        report.Memory("RSS after load", ours, peer);

        bool equal = true;
        foreach (ComparedQuery query in ComparedQuery.All(options.Load))
        {
            try
            {
                string? difference = await CompareAsync(query, ours, peer, cancellationToken);
                equal &= difference is null;
                if (difference is not null)
                    report.Different(query.Name, difference);
                foreach (AnswerFormat format in query.Formats)
                {
                    (TimeSpan oursTime, TimeSpan peerTime) = await MeasureAsync(query.Sql, format, ours, peer, cancellationToken);
                    report.Query($"{query.Name}{(query.Formats.Length > 1 ? $", {format}" : "")}", oursTime, peerTime);
                }
            }
            catch (SqlException e)
            {
                // The other queries are still worth knowing; the command fails all the same.
                equal = false;
                report.Different(query.Name, e.Message);
            }
        }

        report.Memory("RSS after queries", ours, peer);
        report.Print();
        ScenarioException.Require(await ours.StopAsync(cancellationToken) == 0, "our server did not stop with exit code 0");
        await peer.StopAsync(cancellationToken);
        return equal;
    }

    private static async Task<string?> CompareAsync(
        ComparedQuery query, ServerProcess ours, ServerProcess peer, CancellationToken cancellationToken)
    {
        foreach (AnswerFormat format in Formats)
        {
            AnswerDigest oursAnswer = await ours.Sql.DigestAsync(query.Sql, format, cancellationToken);
            AnswerDigest peerAnswer = await peer.Sql.DigestAsync(query.Sql, format, cancellationToken);
            if (oursAnswer.Difference(peerAnswer, query.Ordered) is { } difference)
                return $"{format}: {difference}";
        }

        return null;
    }

    private async Task<(TimeSpan Ours, TimeSpan Peer)> MeasureAsync(
        string sql, AnswerFormat format, ServerProcess ours, ServerProcess peer, CancellationToken cancellationToken)
    {
        var oursTimes = new List<TimeSpan>();
        var peerTimes = new List<TimeSpan>();
        for (int round = 0; round <= options.Rounds; round++)
        {
            // Who is asked first changes, so that neither always runs on the caches the other left.
            bool oursFirst = round % 2 == 0;
            TimeSpan first = await (oursFirst ? ours : peer).Sql.TimeAsync(sql, format, cancellationToken);
            TimeSpan second = await (oursFirst ? peer : ours).Sql.TimeAsync(sql, format, cancellationToken);
            if (round == 0)
                continue;
            oursTimes.Add(oursFirst ? first : second);
            peerTimes.Add(oursFirst ? second : first);
        }

        return (Median(oursTimes), Median(peerTimes));
    }

    private static TimeSpan Median(List<TimeSpan> times)
    {
        times.Sort();
        int middle = times.Count / 2;
        return times.Count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
    }
}
