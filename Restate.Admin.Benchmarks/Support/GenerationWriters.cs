using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Restate.Admin.Benchmarks.Support;

/// <summary>
/// Writers whose posts show whether they were applied whole. Every post replaces the keys of an object and carries one
/// generation number in each value; key names change with every generation, so a key left behind is seen as well.
/// </summary>
/// <param name="objects">Objects written, each by one writer only.</param>
/// <param name="keys">Keys in each post.</param>
/// <param name="valueBytes">Bytes of each value, at least the ten digits of its generation.</param>
/// <param name="tolerant">
/// Goes on after any answer and after none within the client's patience, and only counts them: for load that a server may refuse.
/// </param>
internal sealed class GenerationWriters(int objects, int keys, int valueBytes = 10, bool tolerant = false)
{
    private const int Digits = 10;
    private const int Concurrency = 8;

    private const string WholeQuery =
        "select service_key, count(*) as n, min(substr(value_utf8, 1, 10)) as lo, max(substr(value_utf8, 1, 10)) as hi, "
        + "min(substr(key, 1, 1)) as klo, max(substr(key, 1, 1)) as khi from state where service_name = 'Counter' group by service_key";

    private static readonly TimeSpan RefusedPause = TimeSpan.FromMilliseconds(20);

    private readonly ObjectRecord[] _objects = [.. Enumerable.Range(0, objects).Select(i => new ObjectRecord($"gen-{i:D4}"))];
    private readonly ConcurrentBag<string> _unexpected = [];
    private readonly StatusCounts _statuses = new();
    private long _acknowledged;

    /// <summary>Posts acknowledged by any server so far.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Answers to posts so far, by status.</summary>
    public StatusCounts Statuses => _statuses;

    /// <summary>Writes until told to stop, or until the server is gone.</summary>
    public Task RunAsync(AdminClient server, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, Concurrency).Select(writer => WriteAsync(server, writer, stop)));

    /// <summary>Waits until so many posts more were acknowledged.</summary>
    /// <exception cref="ScenarioException">The writers ended before.</exception>
    public async Task WaitForAsync(long more, Task writers, CancellationToken cancellationToken)
    {
        long wanted = Acknowledged + more;
        while (Acknowledged < wanted)
        {
            ScenarioException.Require(!writers.IsCompleted, $"the writers ended after {Acknowledged} acknowledged posts, expected {wanted}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
        }
    }

    /// <summary>Requires every object SQL shows to be of one generation, with all its keys and no other.</summary>
    /// <returns>Object key to generation.</returns>
    /// <exception cref="ScenarioException">An object is there in part.</exception>
    /// <exception cref="SqlException">The query failed at its first attempt.</exception>
    public async Task<Dictionary<string, long>> CheckWholeAsync(SqlClient sql, CancellationToken cancellationToken) =>
        Generations(await sql.RowsOnceAsync(WholeQuery, cancellationToken));

    /// <summary>
    /// Requires every acknowledged post to be there: each object shows the last generation acknowledged, or a later one that
    /// was sent. A 202 is a promise about the log, so applying it may take a moment; nothing may ever be there in part.
    /// </summary>
    /// <exception cref="ScenarioException">Something is missing, in part, or was never sent.</exception>
    public async Task VerifyAsync(SqlClient sql, CancellationToken cancellationToken)
    {
        ScenarioException.Require(_unexpected.IsEmpty, "unexpected answers: " + string.Join("; ", _unexpected.Distinct().Take(5)));
        string missing = string.Empty;
        for (int attempt = 0; attempt < 300; attempt++)
        {
            Dictionary<string, long> found = Generations(await sql.RowsAsync(WholeQuery, cancellationToken));
            missing = string.Join("; ", _objects.Select(state => state.Missing(found)).Where(text => text is not null).Take(5));
            if (missing.Length == 0)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }

        throw new ScenarioException("acknowledged posts are missing: " + missing);
    }

    private static string KeyPrefix(long generation) => ((char)('a' + (generation % 26))).ToString();

    private async Task WriteAsync(AdminClient server, int writer, CancellationToken stop)
    {
        ObjectRecord[] mine = [.. _objects.Where((_, i) => i % Concurrency == writer)];
        for (int i = 0; mine.Length > 0 && !stop.IsCancellationRequested; i++)
        {
            ObjectRecord target = mine[i % mine.Length];
            byte[] body = Body(target.Key, ++target.Sent);
            HttpStatusCode? status = await PostAsync(server, body);
            if (status == HttpStatusCode.Accepted)
            {
                target.Acknowledged = target.Sent;
                Interlocked.Increment(ref _acknowledged);
            }
            else if (tolerant || status == HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(RefusedPause, CancellationToken.None);
            }
            else
            {
                if (status is { } unexpected)
                    _unexpected.Add($"a state post got {(int)unexpected}");
                return;
            }
        }
    }

    /// <returns>The status; null when none came: what was under way stays sent but not acknowledged, which is what is checked.</returns>
    private async Task<HttpStatusCode?> PostAsync(AdminClient server, byte[] body)
    {
        try
        {
            // A post under way is not cancelled: only the server's end may leave its fate open.
            HttpStatusCode status = await server.PostStateAsync(body, CancellationToken.None);
            _statuses.Add(status);
            return status;
        }
        catch (Exception e) when (e is HttpRequestException || (tolerant && e is OperationCanceledException))
        {
            _statuses.AddUnanswered();
            return null;
        }
    }

    private byte[] Body(string objectKey, long generation)
    {
        string prefix = KeyPrefix(generation);
        string value = generation.ToString("D10", CultureInfo.InvariantCulture) + new string('x', Math.Max(0, valueBytes - Digits));
        var body = new StringBuilder($$"""{"object_key":"{{objectKey}}","new_state":{""");
        for (int key = 0; key < keys; key++)
            body.Append(CultureInfo.InvariantCulture, $"{(key == 0 ? "" : ",")}\"{prefix}{key:D4}\":\"{value}\"");
        return Encoding.UTF8.GetBytes(body.Append("}}").ToString());
    }

    private Dictionary<string, long> Generations(JsonElement[] rows)
    {
        var found = new Dictionary<string, long>();
        foreach (JsonElement row in rows)
        {
            string lowest = row.GetProperty("lo").GetString()!;
            long generation = long.Parse(lowest, CultureInfo.InvariantCulture);
            string prefix = KeyPrefix(generation);
            bool whole = row.GetProperty("n").GetInt64() == keys
                && row.GetProperty("hi").GetString() == lowest
                && row.GetProperty("klo").GetString() == prefix
                && row.GetProperty("khi").GetString() == prefix;
            ScenarioException.Require(whole, $"a post is there in part ({keys} keys of one generation were written): {row.GetRawText()}");
            found.Add(row.GetProperty("service_key").GetString()!, generation);
        }

        return found;
    }

    private sealed class ObjectRecord(string key)
    {
        private long _sent;
        private long _acknowledged;

        public string Key { get; } = key;

        public long Sent
        {
            get => Interlocked.Read(ref _sent);
            set => Interlocked.Exchange(ref _sent, value);
        }

        public long Acknowledged
        {
            get => Interlocked.Read(ref _acknowledged);
            set => Interlocked.Exchange(ref _acknowledged, value);
        }

        public string? Missing(Dictionary<string, long> found)
        {
            // Absent counts as generation 0: right only for an object no post of which was acknowledged.
            long generation = found.GetValueOrDefault(Key);
            return generation >= Acknowledged && generation <= Sent
                ? null
                : $"{Key} shows generation {generation}, acknowledged {Acknowledged}, sent {Sent}";
        }
    }
}
