using System.Globalization;
using System.Text;

namespace Restate.Admin.Api.Logging;

/// <summary>
/// Writes lines behind those who log: warnings and errors to standard error, the rest to standard output. A reader that stands still
/// holds nobody up; what does not fit meanwhile is counted and told of.
/// </summary>
internal sealed class LogOutput : IDisposable
{
    /// <summary>Lines that wait are memory of no pool; some thousand of them are more than a reader in motion ever leaves.</summary>
    private const int MaxWaitingBytes = 1 << 20;

    /// <summary>At the end of the node the last lines get this long.</summary>
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    private readonly Stream _output;
    private readonly Stream _error;
    private readonly object _gate = new();
    private readonly Queue<(bool Grave, byte[] Line)> _waiting = new();
    private readonly Thread _thread;
    private int _waitingBytes;
    private long _lost;
    private bool _ending;

    /// <summary>Writes to two streams until disposed, and disposes of them.</summary>
    public LogOutput(Stream output, Stream error)
    {
        _output = output;
        _error = error;
        _thread = new Thread(Run) { IsBackground = true, Name = "log" };
        _thread.Start();
    }

    /// <summary>Takes a line. Returns at once.</summary>
    public void Add(bool grave, byte[] line)
    {
        lock (_gate)
        {
            if (_ending)
                return;
            if (_waitingBytes + line.Length > MaxWaitingBytes)
            {
                _lost++;
                return;
            }

            _waitingBytes += line.Length;
            _waiting.Enqueue((grave, line));
            Monitor.Pulse(_gate);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _ending = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join(Drain);
        _output.Dispose();
        _error.Dispose();
    }

    private void Run()
    {
        while (TryTake(out bool grave, out byte[] line, out long lost))
        {
            Stream stream = grave ? _error : _output;
            if (lost > 0)
                Write(_error, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{lost} lines of the log were lost: nobody read them\n")));
            Write(stream, line);
        }
    }

    private bool TryTake(out bool grave, out byte[] line, out long lost)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_ending)
                Monitor.Wait(_gate);
            (lost, _lost) = (_lost, 0);
            if (!_waiting.TryDequeue(out (bool Grave, byte[] Line) next))
            {
                (grave, line) = (false, []);
                return false;
            }

            _waitingBytes -= next.Line.Length;
            (grave, line) = next;
            return true;
        }
    }

    private static void Write(Stream stream, byte[] line)
    {
        try
        {
            stream.Write(line);
            stream.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The reader is gone, or the disk of a redirected log is full. There is no other place to say so, and the node works on.
        }
    }
}
