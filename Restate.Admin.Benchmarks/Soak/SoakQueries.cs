using System.Net;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Soak;

/// <summary>Clients that ask heavy SQL over and over and count the answers. Every shape needs memory in proportion to the whole state.</summary>
/// <param name="clients">How many ask at once.</param>
internal sealed class SoakQueries(int clients)
{
    private static readonly string[] Shapes =
    [
        "select count(*) as n from (select distinct service_key, key, value_utf8 from state) t",
        "select service_key, key, count(*) as n, max(value_utf8) as hi from state group by service_key, key",
        "select count(*) as n from state a join state b on a.service_key = b.service_key and a.key = b.key",
        "select service_key, key, value_utf8 from state order by value_utf8, key, service_key",
    ];

    private static readonly TimeSpan RefusedPause = TimeSpan.FromMilliseconds(100);

    private long _succeeded;

    /// <summary>Queries answered with 200 and read to their end.</summary>
    public long Succeeded => Interlocked.Read(ref _succeeded);

    /// <summary>Answers by status.</summary>
    public StatusCounts Statuses { get; } = new();

    /// <summary>The text of the last answer that was an error.</summary>
    public string LastError { get; private set; } = string.Empty;

    /// <summary>Asks until told to stop.</summary>
    public Task RunAsync(SqlClient sql, CancellationToken stop) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => AskAsync(sql, client * Shapes.Length / clients, stop)));

    private async Task AskAsync(SqlClient sql, int first, CancellationToken stop)
    {
        for (int i = first; !stop.IsCancellationRequested; i++)
        {
            try
            {
                if (await AskOnceAsync(sql, Shapes[i % Shapes.Length], stop))
                    Interlocked.Increment(ref _succeeded);
                else
                    await Task.Delay(RefusedPause, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Under way at the end: neither answered nor refused.
                return;
            }
        }
    }

    private async Task<bool> AskOnceAsync(SqlClient sql, string query, CancellationToken stop)
    {
        try
        {
            await sql.TimeAsync(query, AnswerFormat.Arrow, stop);
            Statuses.Add(HttpStatusCode.OK);
            return true;
        }
        catch (SqlException e)
        {
            Statuses.Add(e.Status);
            LastError = e.Message;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // The server went away, or broke off an answer whose status line was sent already.
            Statuses.AddUnanswered();
            LastError = e.Message;
        }

        return false;
    }
}
