using System.Net;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api;

/// <summary>Asks a running node for its health, for supervisors that can only run a program, such as a container's HEALTHCHECK.</summary>
internal static class HealthCheck
{
    /// <summary>A node that does not answer within this time is not healthy; less than the timeout in the Dockerfile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>A health page has some hundred bytes; whoever answers with more is not the node.</summary>
    private const int LongestAnswer = 64 << 10;

    /// <summary>Reads <c>/health</c> of the node port and returns the exit code: 0 for 200, else 1.</summary>
    public static async Task<int> RunAsync(RestateConfiguration configuration)
    {
        IPEndPoint endpoint = Reachable(IPEndPoint.Parse(configuration.BindAddress));
        if (endpoint.Port == 0)
        {
            await Console.Error.WriteLineAsync("--healthcheck needs the port of the node: bind-address has port 0, expected 1 to 65535");
            return 1;
        }

        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = LongestAnswer };
        try
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri($"http://{endpoint}/health"));
            await Console.Out.WriteLineAsync(await answer.Content.ReadAsStringAsync());
            return answer.StatusCode == HttpStatusCode.OK ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"the node does not answer on {endpoint}: {e.Message}");
            return 1;
        }
    }

    /// <summary>"All addresses" can be listened on but not connected to.</summary>
    private static IPEndPoint Reachable(IPEndPoint bound)
    {
        if (bound.Address.Equals(IPAddress.Any))
            return new IPEndPoint(IPAddress.Loopback, bound.Port);
        return bound.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, bound.Port) : bound;
    }
}
