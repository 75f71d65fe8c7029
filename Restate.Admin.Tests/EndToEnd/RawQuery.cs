using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>A query over a plain socket, by a client that reads when the test says so.</summary>
internal sealed class RawQuery : IDisposable
{
    /// <summary>Small, so that what lies between server and reader is the server's own.</summary>
    private const int ReceiveBytes = 16 << 10;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = ReceiveBytes };

    private RawQuery()
    {
    }

    /// <summary>Sends a query and reads nothing.</summary>
    public static async Task<RawQuery> SendAsync(Uri admin, string sql, CancellationToken cancellationToken, params string[] headers)
    {
        string body = JsonSerializer.Serialize(new Dictionary<string, string> { ["query"] = sql });
        string more = string.Concat(headers.Select(header => header + "\r\n"));
        return await SendTextAsync(
            admin,
            $"POST /query HTTP/1.1\r\nHost: {admin.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{more}\r\n{body}",
            cancellationToken);
    }

    /// <summary>Sends whatever it is and reads nothing.</summary>
    public static async Task<RawQuery> SendTextAsync(Uri admin, string text, CancellationToken cancellationToken)
    {
        var query = new RawQuery();
        await query._socket.ConnectAsync(IPAddress.Parse(admin.Host), admin.Port, cancellationToken);
        await query.MoreAsync(text, cancellationToken);
        return query;
    }

    /// <summary>Sends more.</summary>
    public async Task MoreAsync(string text, CancellationToken cancellationToken) =>
        await _socket.SendAsync(Encoding.UTF8.GetBytes(text), SocketFlags.None, cancellationToken);

    /// <summary>Reads to the end of the answer or of the connection.</summary>
    /// <returns>Head, body with its chunks put together, and whether the body came to its end.</returns>
    public async Task<(string Head, byte[] Body, bool IsWhole)> ReadAsync(CancellationToken cancellationToken)
    {
        using var received = new MemoryStream();
        byte[] buffer = new byte[1 << 20];
        try
        {
            while (!EndsWell(received))
            {
                int count = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
                if (count == 0)
                    break;
                received.Write(buffer, 0, count);
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // As visible as it gets.
        }

        byte[] all = received.ToArray();
        int head = all.AsSpan().IndexOf("\r\n\r\n"u8);
        return head < 0 ? (string.Empty, [], false) : (Encoding.ASCII.GetString(all, 0, head), Join(all.AsSpan(head + 4)), EndsWell(received));
    }

    /// <summary>Breaks the connection off, as the end of a process with unread data does.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private static bool EndsWell(MemoryStream received) =>
        received.TryGetBuffer(out ArraySegment<byte> bytes) && bytes.AsSpan().EndsWith("\r\n0\r\n\r\n"u8);

    private static byte[] Join(ReadOnlySpan<byte> chunks)
    {
        using var body = new MemoryStream();
        while (chunks.IndexOf("\r\n"u8) is var end and > 0
            && int.TryParse(chunks[..end], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int length)
            && length > 0 && chunks.Length >= end + 2 + length)
        {
            body.Write(chunks.Slice(end + 2, length));
            chunks = chunks[Math.Min(chunks.Length, end + 2 + length + 2)..];
        }

        return body.ToArray();
    }
}
