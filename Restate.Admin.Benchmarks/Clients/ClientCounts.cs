using System.Collections.Concurrent;
using System.Net;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Clients;

/// <summary>What became of the clients' queries. Thread-safe.</summary>
internal sealed class ClientCounts
{
    private const int KeptErrors = 10;

    private readonly ConcurrentQueue<string> _unexpected = new();
    private long _whole;
    private long _cut;
    private long _left;
    private long _killed;
    private long _stalled;

    /// <summary>Answers by status.</summary>
    public StatusCounts Statuses { get; } = new();

    /// <summary>State posts by status.</summary>
    public StatusCounts Posts { get; } = new();

    /// <summary>Answers that nobody documented, and documented ones that were wrong here: the first of them.</summary>
    public IReadOnlyCollection<string> Unexpected => _unexpected;

    /// <summary>Good answers read to their end.</summary>
    public long Whole => Interlocked.Read(ref _whole);

    /// <summary>Good answers that broke off: what a time limit looks like once rows are on their way.</summary>
    public long Cut => Interlocked.Read(ref _cut);

    /// <summary>Clients that went away of their own.</summary>
    public long Left => Interlocked.Read(ref _left);

    /// <summary>Client processes that were killed.</summary>
    public long Killed => Interlocked.Read(ref _killed);

    /// <summary>Answers that a client left lying for longer than the server has to bear.</summary>
    public long Stalled => Interlocked.Read(ref _stalled);

    /// <summary>Counts an answer and tells whether its status is one that the query may have.</summary>
    public bool Answered(ClientQuery query, HttpStatusCode status, string body)
    {
        Statuses.Add(status);
        bool expected = query.IsInvalid
            ? status is HttpStatusCode.BadRequest or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
            : status is HttpStatusCode.OK or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
                or HttpStatusCode.ServiceUnavailable or HttpStatusCode.InsufficientStorage;
        if (!expected)
            Wrong($"{(int)status} {body} to: {query.Sql}");
        return expected;
    }

    public void Wrong(string what)
    {
        if (_unexpected.Count < KeptErrors)
            _unexpected.Enqueue(what);
    }

    public void AddWhole() => Interlocked.Increment(ref _whole);

    public void AddCut() => Interlocked.Increment(ref _cut);

    public void AddLeft() => Interlocked.Increment(ref _left);

    public void AddKilled() => Interlocked.Increment(ref _killed);

    public void AddStalled() => Interlocked.Increment(ref _stalled);
}
