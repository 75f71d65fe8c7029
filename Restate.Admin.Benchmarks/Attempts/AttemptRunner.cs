using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>Sends attempts to <c>POST /query</c> and reads the answers to their end, looking for the secret.</summary>
/// <param name="admin">The admin port.</param>
/// <param name="targets">The files attempts go for.</param>
/// <param name="secret">What stands in the secret file: ASCII.</param>
/// <param name="patience">How long to wait for the end of an answer.</param>
internal sealed class AttemptRunner(Uri admin, AttemptTargets targets, string secret, TimeSpan patience) : IDisposable
{
    /// <summary>Longest part of an answer that is kept: messages are shorter.</summary>
    private const int KeptBytes = 16 << 10;

    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http = new() { BaseAddress = admin, Timeout = Timeout.InfiniteTimeSpan };
    private readonly byte[] _secret = Encoding.ASCII.GetBytes(secret);

    /// <summary>Runs a statement; again while the server is too busy to take it.</summary>
    internal async Task<AttemptResult> RunAsync(string sql, CancellationToken cancellationToken)
    {
        string filled = targets.Fill(sql);
        for (int busy = 0; ; busy++)
        {
            AttemptResult result = await SendAsync(JsonContent.Create(new { query = filled }), cancellationToken);
            if (result.Status != (int)HttpStatusCode.TooManyRequests)
                return result with { Busy = busy };
            await Task.Delay(BusyPause, cancellationToken);
        }
    }

    /// <summary>Sends a body.</summary>
    internal Task<AttemptResult> RunAsync(BodyAttempt attempt, CancellationToken cancellationToken) =>
        SendAsync(attempt.Content(targets), cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task<AttemptResult> SendAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var patient = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patient.CancelAfter(patience);
        var found = new Found(_secret);
        int status = 0;
        string? broken = null;
        bool gaveUp = false;
        long started = Stopwatch.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/query") { Content = content };
            request.Headers.Accept.ParseAdd("application/json");
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patient.Token);
            status = (int)answer.StatusCode;
            await using Stream body = await answer.Content.ReadAsStreamAsync(patient.Token);
            byte[] buffer = new byte[64 << 10];
            int read;
            while ((read = await body.ReadAsync(buffer, patient.Token)) > 0)
                found.Look(buffer.AsSpan(0, read));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            status = 0;
            gaveUp = true;
            broken = $"gave up after {patience.TotalSeconds:0.#} s";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            broken = e.InnerException?.Message ?? e.Message;
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        return new AttemptResult(
            status, broken ?? (status == 200 ? "" : Message(found.Start)), elapsed, found.Bytes, broken is not null && status != 0, found.HasSecret, gaveUp, 0);
    }

    private static string Message(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.TryGetProperty("message", out JsonElement message) ? message.GetString() ?? "" : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    /// <summary>Looks for a text in an answer that comes in portions.</summary>
    private sealed class Found(byte[] secret)
    {
        private readonly MemoryStream _start = new();
        private byte[] _rest = [];

        internal long Bytes { get; private set; }

        internal bool HasSecret { get; private set; }

        internal string Start => Encoding.UTF8.GetString(_start.ToArray());

        internal void Look(ReadOnlySpan<byte> portion)
        {
            Bytes += portion.Length;
            if (_start.Length < KeptBytes)
                _start.Write(portion[..Math.Min(portion.Length, KeptBytes - (int)_start.Length)]);
            byte[] seam = [.. _rest, .. portion[..Math.Min(portion.Length, secret.Length - 1)]];
            HasSecret |= portion.IndexOf(secret) >= 0 || seam.AsSpan().IndexOf(secret) >= 0;
            _rest = portion.Length >= secret.Length - 1
                ? portion[^(secret.Length - 1)..].ToArray()
                : seam[^Math.Min(seam.Length, secret.Length - 1)..];
        }
    }
}
