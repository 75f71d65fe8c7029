using System.Net;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Demo;

/// <summary>Everything that <c>--demo</c> adds to a node: a service, a write load and a tour. It uses the node over HTTP only.</summary>
internal static class DemoRun
{
    /// <summary>Starts the service and the load, prints the tour, and goes on until the node is told to stop.</summary>
    /// <param name="admin">Address of the node's admin API.</param>
    /// <param name="node">Address of its node port.</param>
    /// <param name="dataFolder">Folder of its data, to tell.</param>
    /// <param name="output">Where the tour goes.</param>
    /// <param name="loggers">For the load.</param>
    /// <param name="stopping">The node is told to stop.</param>
    /// <exception cref="DemoException">A step failed; the message names it.</exception>
    public static async Task RunAsync(
        Uri admin, Uri node, string dataFolder, TextWriter output, ILoggerFactory loggers, CancellationToken stopping)
    {
        (admin, node) = (Reachable(admin), Reachable(node));
        TimeProvider time = TimeProvider.System;
        using var client = new DemoClient(admin);
        try
        {
            await using DemoEndpoint endpoint = await DemoStep.RunAsync("service endpoint", DemoEndpoint.StartAsync, stopping);
            await DemoStep.RunAsync("registration", token => client.RegisterAsync(endpoint.Uri, token), stopping);
            await using var load = CartLoad.Start(client, time, loggers.CreateLogger<CartLoad>(), stopping);
            await new Tour(client, new TourPlaces(admin, node, endpoint.Uri, dataFolder), output, time).RunAsync(stopping);
            await Task.Delay(Timeout.InfiniteTimeSpan, time, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The usual end of a demo, whatever it was doing.
        }
    }

    /// <summary>Ends a start whose admin port the demo could not use: its service and its load come without a token, over plain http.</summary>
    /// <exception cref="DemoException">The port asks for tokens, speaks TLS or takes no changes; the message names the setting.</exception>
    public static void RefuseWith(AdminOptions admin)
    {
        string? key = admin.TokenFile is not null ? "admin.auth.token-file"
            : admin.Tls.CertFile is not null ? "admin.tls.cert-file"
            : admin.ReadOnly ? "admin.read-only"
            : null;
        if (key is not null)
            throw new DemoException($"--demo cannot be used with {key}: the demo changes state over the plain admin API");
    }

    /// <summary>The same listener as a client on this machine names it: "any address" is none that can be connected to everywhere.</summary>
    private static Uri Reachable(Uri listener)
    {
        if (!IPAddress.TryParse(listener.Host.Trim('[', ']'), out IPAddress? address))
            return listener;
        string? loopback = address.Equals(IPAddress.Any) ? "127.0.0.1" : address.Equals(IPAddress.IPv6Any) ? "[::1]" : null;
        return loopback is null ? listener : new UriBuilder(listener) { Host = loopback }.Uri;
    }
}
