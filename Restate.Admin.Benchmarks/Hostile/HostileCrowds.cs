using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Restate.Admin.Benchmarks.Hostile;

/// <summary>What takes many connections at once.</summary>
internal static class HostileCrowds
{
    private const int Dripping = 300;
    private const int Silent = 2000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HostileAttempt> All { get; } =
    [
        new($"{Dripping} clients whose heads drip (slowloris), admin port", "ended", (target, stop) => DripAsync(
            target.Admin, "GET /health HTTP/1.1\r\nhost: a\r\nx: ", stop)),
        new($"{Dripping} clients whose heads drip (slowloris), node port", "ended", (target, stop) => DripAsync(
            target.Node, "GET /health HTTP/1.1\r\nhost: a\r\nx: ", stop)) { IsSlow = true },
        new($"{Dripping} clients whose bodies drip", "ended", (target, stop) => DripAsync(
            target.Admin, $"POST /query HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {target.AdminToken}\r\ncontent-type: application/json\r\ncontent-length: 10000\r\n\r\n", stop)),
        new($"{Silent} clients that say nothing, admin port", "served", (target, stop) => CrowdAsync(target.Admin, target, stop)) { OthersWithin = null },
        new($"{Silent} clients that say nothing, node port", "served", (target, stop) => CrowdAsync(target.Node, target, stop)) { OthersWithin = null, IsSlow = true },
    ];

    private static async Task<string> DripAsync(Uri address, string head, CancellationToken stop)
    {
        TimeSpan?[] ends = await Task.WhenAll(Enumerable.Range(0, Dripping).Select(_ => HostileClient.DripAsync(address, head, Patience, stop)));
        return ends.All(end => end is not null)
            ? string.Create(CultureInfo.InvariantCulture, $"ended after {ends.Max()!.Value.TotalSeconds:F0} s")
            : $"{ends.Count(end => end is null)} of {Dripping} still open after {Patience.TotalSeconds} s";
    }

    /// <summary>
    /// Takes more connections than there may be, and holds them. The other port must answer all the time, and this one again by itself
    /// though nobody lets go.
    /// </summary>
    private static async Task<string> CrowdAsync(Uri address, HostileTarget target, CancellationToken stop)
    {
        var crowd = new List<TcpClient>();
        try
        {
            for (int i = 0; i < Silent; i++)
                crowd.Add(await HostileClient.ConnectAsync(address, stop));
            long held = Stopwatch.GetTimestamp();
            Uri other = address == target.Admin ? target.Node : target.Admin;
            if ((await HostileClient.SendAsync(other, "GET /health HTTP/1.1\r\nhost: a\r\n\r\n", body: null, stop)).Status != "200")
                return "the other port does not answer";
            while (Stopwatch.GetElapsedTime(held) < Patience)
            {
                if ((await HostileClient.SendAsync(address, "GET /health HTTP/1.1\r\nhost: a\r\n\r\n", body: null, stop)).Status == "200")
                    return string.Create(CultureInfo.InvariantCulture, $"served after {Stopwatch.GetElapsedTime(held).TotalSeconds:F1} s, the other port at once");
                await Task.Delay(TimeSpan.FromMilliseconds(200), stop);
            }

            return $"not served for {Patience.TotalSeconds} s";
        }
        finally
        {
            crowd.ForEach(client => client.Dispose());
        }
    }
}
