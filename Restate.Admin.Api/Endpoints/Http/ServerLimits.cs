using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Restate.Admin.Api.Endpoints.Http;

/// <summary>What a client may cost before a handler runs: sizes, speeds, connections. HTTP answers 413, 414, 431 and 408.</summary>
internal static class ServerLimits
{
    /// <summary>Connections at once. Each may hold a body or a result: what they cost together needs a bound.</summary>
    public const int MaxConnections = 1024;

    /// <summary>The largest body any route takes (posted state); most routes allow far less and say so.</summary>
    public const long MaxBodyBytes = 32 << 20;

    /// <summary>Method, path and query. The longest a client sends is a path with an id or a filter.</summary>
    public const int MaxRequestLineBytes = 8 << 10;

    /// <summary>All header lines together; room for a bearer token and what proxies add.</summary>
    public const int MaxHeaderBytes = 32 << 10;

    /// <summary>Header lines.</summary>
    public const int MaxHeaderCount = 100;

    /// <summary>What is buffered of an answer before its writer waits for the reader.</summary>
    public const long MaxResponseBufferBytes = 64 << 10;

    /// <summary>What is buffered of a body that nobody reads yet.</summary>
    public const long MaxRequestBufferBytes = 1 << 20;

    /// <summary>A head that trickles in holds a connection: it has to be complete by then.</summary>
    public static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(15);

    /// <summary>An unused connection is kept a little longer than usual pools of clients and proxies keep theirs (60 to 120 s).</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(130);

    /// <summary>A body slower than this ends with 408, an answer read slower is cut. Slow links are far above it, a stopped peer is not.</summary>
    private const double MinBytesPerSecond = 240;

    /// <summary>Time before the speed counts: a pause at the start, such as of a handshake through a proxy, is none of it.</summary>
    private static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(5);

    /// <summary>Longer than for bodies: a person behind a pager stops reading for a while.</summary>
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(10);

    /// <summary>Sets the limits of the server.</summary>
    public static void Apply(KestrelServerLimits limits)
    {
        limits.MaxConcurrentConnections = MaxConnections;
        limits.MaxRequestBodySize = MaxBodyBytes;
        limits.MaxRequestLineSize = MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        limits.MaxRequestHeaderCount = MaxHeaderCount;
        limits.MaxResponseBufferSize = MaxResponseBufferBytes;
        limits.MaxRequestBufferSize = MaxRequestBufferBytes;
        limits.RequestHeadersTimeout = HeadTimeout;
        limits.KeepAliveTimeout = KeepAlive;
        limits.MinRequestBodyDataRate = new MinDataRate(MinBytesPerSecond, BodyGrace);
        limits.MinResponseDataRate = new MinDataRate(MinBytesPerSecond, AnswerGrace);
    }

    /// <summary>
    /// Waits for the first byte of a connection, as long as for a head. The server itself would give one that says nothing as long as one
    /// that is kept: too long where as many as there may be are held by somebody who only opens them.
    /// </summary>
    /// <returns>False when it said nothing; the connection ends then.</returns>
    public static async Task<bool> SpeaksAsync(ConnectionContext connection)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        silence.CancelAfter(HeadTimeout);
        try
        {
            System.IO.Pipelines.ReadResult first = await connection.Transport.Input.ReadAsync(silence.Token);

            // Looked at, not taken.
            connection.Transport.Input.AdvanceTo(first.Buffer.Start);
            return !first.Buffer.IsEmpty;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException)
        {
            return false;
        }
    }
}
