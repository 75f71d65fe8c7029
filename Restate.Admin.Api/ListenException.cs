using System.Net;
using System.Net.Sockets;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api;

/// <summary>An address of the node cannot be listened on.</summary>
public sealed class ListenException : Exception
{
    /// <summary>The failure of a listener whose address is not told apart.</summary>
    /// <param name="configuration">Names the addresses.</param>
    /// <param name="inner">What the operating system said.</param>
    public ListenException(RestateConfiguration configuration, Exception inner)
        : base(
            $"cannot listen: {inner.Message.TrimEnd('.')}; change admin.bind-address ({configuration.Admin.BindAddress}) or bind-address ({configuration.BindAddress}), or stop the program that uses it",
            inner)
    {
    }

    private ListenException(string key, string address, SocketException inner)
        : base(
            $"cannot listen on {key} = {address}: {inner.Message}; {(inner.SocketErrorCode == SocketError.AddressAlreadyInUse ? "stop the program that uses it, or change" : "change")} {key}",
            inner)
    {
    }

    /// <summary>
    /// Looks whether the addresses are free. The listeners open last, when they can serve; a port that is taken is found here, before
    /// anything is created.
    /// </summary>
    /// <exception cref="ListenException">One is not.</exception>
    internal static void ThrowIfTaken(RestateConfiguration configuration)
    {
        // Both at once: an address that is configured twice is taken too.
        using Socket? admin = Take("admin.bind-address", configuration.Admin.BindAddress);
        using Socket? node = Take("bind-address", configuration.BindAddress);
    }

    private static Socket? Take(string key, string address)
    {
        IPEndPoint endpoint = IPEndPoint.Parse(address);
        if (endpoint.Port == 0)
            return null;
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);

            // Binding alone lets two sockets share an address.
            socket.Listen(1);
            return socket;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new ListenException(key, address, e);
        }
    }
}
