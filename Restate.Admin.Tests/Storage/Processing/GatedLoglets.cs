using Restate.Storage.Logs;
using Restate.Storage.Types;

namespace Restate.Admin.Tests.Storage.Processing;

/// <summary>Real loglets whose appends and reads a test can hold back.</summary>
internal sealed class GatedLoglets(ILogletProvider inner) : ILogletProvider
{
    private volatile TaskCompletionSource? _appends;

    public string Name => inner.Name;

    /// <summary>Reads wait until it is set.</summary>
    public ManualResetEventSlim Reads { get; } = new(initialState: true);

    /// <summary>Appends that wait.</summary>
    public int WaitingAppends => Volatile.Read(ref _waiting);

    private int _waiting;

    public ILoglet Open(LogId log) => new Gate(this, inner.Open(log));

    /// <summary>Appends wait from now on.</summary>
    public void HoldAppends() => _appends = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets them go.</summary>
    public void ReleaseAppends()
    {
        TaskCompletionSource? held = _appends;
        _appends = null;
        held?.SetResult();
    }

    private sealed class Gate(GatedLoglets owner, ILoglet inner) : ILoglet
    {
        public Lsn Tail => inner.Tail;

        public Lsn TrimPoint => inner.TrimPoint;

        public async Task<Lsn> AppendAsync(RecordBuffer record)
        {
            if (owner._appends is { } held)
            {
                Interlocked.Increment(ref owner._waiting);
                await held.Task;
                Interlocked.Decrement(ref owner._waiting);
            }

            return await inner.AppendAsync(record);
        }

        public void Read(Lsn from, Lsn upTo, long maxBytes, List<LogEntry> entries)
        {
            owner.Reads.Wait();
            inner.Read(from, upTo, maxBytes, entries);
        }

        public void Trim(Lsn upTo) => inner.Trim(upTo);

        public IDisposable Subscribe(Action onTail) => inner.Subscribe(onTail);
    }
}
