using System.IO.Pipelines;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Restate.Admin.Api.Endpoints.Http;
using Restate.Admin.Api.Query;

namespace Restate.Admin.Api.Endpoints;

/// <summary>
/// Hands an answer to its client piece by piece. For a client that does not read the node holds two portions of rows, what waits in the
/// server (<see cref="HeldBytes"/>, counted in the query engine's pool), and what DuckDB keeps ready, about 1 MiB; no more rows are read.
/// </summary>
internal sealed class QueryAnswer : IDisposable
{
    /// <summary>Most bytes handed over at once. A portion is larger only where one value is.</summary>
    private const int PieceBytes = 128 << 10;

    /// <summary>The server takes a piece while it has less than its limit.</summary>
    internal const int HeldBytes = PieceBytes + (int)ServerLimits.MaxResponseBufferBytes;

    private readonly HttpContext _context;
    private readonly QueryResult _result;
    private readonly MemoryCounter _memory;

    internal QueryAnswer(HttpContext context, QueryResult result, MemoryCounter memory)
    {
        _context = context;
        _result = result;
        _memory = memory;
        _memory.Add(HeldBytes);
    }

    /// <summary>Sends the head: from here on a failure cuts the stream, also while the first rows are still in the compressor.</summary>
    internal Task StartAsync()
    {
        // How long a client may pause is for the query's own rules to say. The server's minimum speed only ends what is left when the
        // query is over: it counts compressed bytes, and would cut a client that reads on in bursts, as pagers do. Over HTTP/2, where
        // it belongs to the connection, it stays as it is.
        if (_context.Features.Get<IHttpMinResponseDataRateFeature>() is { MinDataRate: { } rate } feature
            && _result.Guard.Timeout > rate.GracePeriod)
        {
            feature.MinDataRate = new MinDataRate(rate.BytesPerSecond, _result.Guard.Timeout);
        }

        return _context.Response.StartAsync(_context.RequestAborted);
    }

    /// <summary>Hands over a portion and waits until the server took it.</summary>
    /// <returns>False when nobody reads any more.</returns>
    /// <exception cref="QueryException">The query must end.</exception>
    internal async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> portion)
    {
        QueryGuard guard = _result.Guard;
        while (true)
        {
            ReadOnlyMemory<byte> piece = portion[..Math.Min(PieceBytes, portion.Length)];
            guard.WaitForReader();
            try
            {
                // The query's own token: a client that does not read is cut off when the query's time is over.
                FlushResult flushed = await _context.Response.BodyWriter.WriteAsync(piece, guard.Token);
                if (flushed.IsCompleted)
                    return false;
            }
            catch (OperationCanceledException) when (guard.IsStopped)
            {
                _result.ThrowIfStopped();
            }
            finally
            {
                guard.ReaderTook();
            }

            portion = portion[piece.Length..];
            if (portion.IsEmpty)
                return true;
        }
    }

    public void Dispose() => _memory.Add(-HeldBytes);
}
