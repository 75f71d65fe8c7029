using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>How an answer is asked for.</summary>
internal enum AnswerFormat
{
    /// <summary><c>Accept: application/json</c>: <c>{"rows":[…]}</c>.</summary>
    Json,

    /// <summary><c>Accept: */*</c>: an Arrow IPC stream.</summary>
    Arrow,
}

/// <summary><c>POST /query</c>.</summary>
internal sealed class SqlClient(Uri admin) : IDisposable
{
    private static readonly TimeSpan ReplayPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { BaseAddress = admin, Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>The rows of a small answer. Waits out 503, which a server gives while a partition replays its log.</summary>
    /// <exception cref="SqlException">Any other error, or 503 for a minute.</exception>
    public async Task<JsonElement[]> RowsAsync(string query, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await RowsOnceAsync(query, cancellationToken);
            }
            catch (SqlException e) when (e.Status == HttpStatusCode.ServiceUnavailable && Stopwatch.GetElapsedTime(started) < ReplayPatience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
            }
        }
    }

    /// <summary>The rows of a small answer, at the first attempt.</summary>
    /// <exception cref="SqlException">The server answered with an error.</exception>
    public async Task<JsonElement[]> RowsOnceAsync(string query, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(query, AnswerFormat.Json, cancellationToken);
        JsonElement document = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return [.. document.GetProperty("rows").EnumerateArray()];
    }

    /// <summary>The rows of <c>state</c>.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken) =>
        (await RowsAsync("select count(*) as n from state", cancellationToken))[0].GetProperty("n").GetInt64();

    /// <summary>Reads an answer to its end and throws it away.</summary>
    /// <returns>The time from the request to the last byte.</returns>
    /// <exception cref="SqlException">The server answered with an error.</exception>
    public async Task<TimeSpan> TimeAsync(string query, AnswerFormat format, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            long started = Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await SendAsync(query, format, cancellationToken);
            await using Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken);
            while (await body.ReadAsync(buffer, cancellationToken) > 0)
            {
            }

            return Stopwatch.GetElapsedTime(started);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The digest of an answer, to compare it with another server's.</summary>
    /// <exception cref="SqlException">The server answered with an error.</exception>
    public async Task<AnswerDigest> DigestAsync(string query, AnswerFormat format, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(query, format, cancellationToken);
        if (format == AnswerFormat.Json)
            return AnswerDigest.OfJson(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        await using Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new ArrowStreamReader(body);
        return await AnswerDigest.OfArrowAsync(reader, cancellationToken);
    }

    /// <summary>The text of a JSON answer.</summary>
    /// <exception cref="SqlException">The server answered with an error.</exception>
    public async Task<string> JsonAsync(string query, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(query, AnswerFormat.Json, cancellationToken);
        return await answer.Content.ReadAsStringAsync(cancellationToken);
    }

    /// <summary>The schema of an Arrow answer.</summary>
    /// <exception cref="SqlException">The server answered with an error.</exception>
    public async Task<Schema> SchemaAsync(string query, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await SendAsync(query, AnswerFormat.Arrow, cancellationToken);
        await using Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        using var reader = new ArrowStreamReader(body);
        return await reader.GetSchema(cancellationToken);
    }

    /// <summary>The status of a query whose answer may be an error; a good answer is read to its end.</summary>
    public async Task<(HttpStatusCode Status, string Error)> StatusAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            await TimeAsync(query, AnswerFormat.Arrow, cancellationToken);
            return (HttpStatusCode.OK, string.Empty);
        }
        catch (SqlException e)
        {
            return (e.Status, e.Body);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string query, AnswerFormat format, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/query") { Content = JsonContent.Create(new { query }) };
        request.Headers.Accept.ParseAdd(format == AnswerFormat.Json ? "application/json" : "*/*");
        HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw new SqlException(query, answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken));
    }
}
