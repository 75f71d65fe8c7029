using System.Net.Sockets;
using System.Text;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Hostile;

/// <summary>Sends bytes as they are and reads what comes back: no library would send what these requests are.</summary>
internal static class HostileClient
{
    private const int KeptBytes = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends a head and parts of a body until there is an answer, and returns what came of it.</summary>
    public static async Task<HostileAnswer> SendAsync(
        Uri address, string head, IEnumerable<ReadOnlyMemory<byte>>? body, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        using TcpClient client = await ConnectAsync(address, deadline.Token);
        NetworkStream stream = client.GetStream();
        Task<string> answer = ReadAsync(stream, deadline.Token);
        long sent = 0;
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(head), deadline.Token);
            sent += head.Length;
            foreach (ReadOnlyMemory<byte> part in body ?? [])
            {
                if (answer.IsCompleted)
                    break;
                await stream.WriteAsync(part, deadline.Token);
                sent += part.Length;
            }
        }
        catch (IOException)
        {
            // Refused before it was sent; the answer may have arrived all the same.
        }

        try
        {
            return new HostileAnswer(await answer, sent);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new HostileAnswer("HTTP/1.1 000 no answer", sent);
        }
    }

    /// <summary>Opens a connection.</summary>
    public static async Task<TcpClient> ConnectAsync(Uri address, CancellationToken cancellationToken)
    {
        var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Sends one byte after the other, a second apart, until the server ends it.</summary>
    /// <returns>The time until then; null: it did not end within the patience.</returns>
    public static async Task<TimeSpan?> DripAsync(Uri address, string head, TimeSpan patience, CancellationToken cancellationToken)
    {
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        using TcpClient client = await ConnectAsync(address, deadline.Token);
        NetworkStream stream = client.GetStream();
        Task<string> answer = ReadAsync(stream, deadline.Token);
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(head), deadline.Token);
            while (!answer.IsCompleted)
            {
                await Task.WhenAny(answer, Task.Delay(TimeSpan.FromSeconds(1), deadline.Token));
                if (!answer.IsCompleted)
                    await stream.WriteAsync("a"u8.ToArray(), deadline.Token);
            }
        }
        catch (IOException)
        {
            // The server ended it.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        return System.Diagnostics.Stopwatch.GetElapsedTime(started);
    }

    /// <summary>What the server sends until it closes, or, after the head of an answer, stops sending.</summary>
    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[KeptBytes];
        int length = 0;
        try
        {
            while (length < buffer.Length)
            {
                ValueTask<int> reading = stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
                int read = length == 0
                    ? await reading
                    : await reading.AsTask().WaitAsync(TimeSpan.FromMilliseconds(300), cancellationToken);
                if (read == 0)
                    break;
                length += read;
            }
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // Closed, or a whole answer on a connection that stays open.
        }

        return Encoding.Latin1.GetString(buffer, 0, length);
    }
}

/// <summary>What came of a request.</summary>
/// <param name="Text">The bytes that came back.</param>
/// <param name="Sent">Bytes that could be sent before.</param>
internal sealed record HostileAnswer(string Text, long Sent)
{
    /// <summary>Status of the first answer; <c>closed</c>: there was none.</summary>
    public string Status => Text.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && Text.Length >= 12 ? Text[9..12] : "closed";

    /// <summary>Answers: more than one means that a second request was found in the first.</summary>
    public int Count => Text.Split("HTTP/1.1 ").Length - 1;

    /// <summary>How much was sent, for people.</summary>
    public string SentText => ProcessMemory.Mebibytes(Sent);
}
