using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Clients;

/// <summary>Clients of every manner: who read, who leave, who are killed, who stop reading; and the state posts they disturb.</summary>
internal sealed class ClientCrowd(ClientsOptions options, ServerProcess server, ClientCounts counts) : IDisposable
{
    private const int PostsAtOnce = 4;

    private static readonly TimeSpan PostPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Longer than a client may stop reading.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(14);

    // Connections of clients that leave are closed; there is one for each client, and nobody waits for another's.
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = options.Clients * 2 })
    {
        BaseAddress = server.Admin.AdminUri,
        Timeout = TimeSpan.FromMinutes(2),
    };

    /// <summary>Asks until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        byte[][] bodies = options.Load.BuildBodies();
        var tasks = new List<Task>();
        for (int i = 0; i < options.Clients; i++)
        {
            int number = i;
            tasks.Add(LoopAsync(random => ActAsync(number, random, stop), number, stop));
        }

        for (int i = 0; i < PostsAtOnce; i++)
            tasks.Add(LoopAsync(random => PostAsync(bodies[random.Next(bodies.Length)], stop), -1 - i, stop));
        await Task.WhenAll(tasks);
    }

    public void Dispose() => _http.Dispose();

    private async Task LoopAsync(Func<Random, Task> act, int number, CancellationToken stop)
    {
        var random = new Random(unchecked((options.Seed * 1000) + number));
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await act(random);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Under way at the end: neither answered nor refused.
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // Not a status and not a cut answer: the server took no connection or dropped the request.
                counts.Wrong($"no answer: {e.Message}");
                await Task.Delay(PostPause, stop);
            }
        }
    }

    // One in 50 stops reading: each such answer holds one of few slots for 10 s. One in 10 is killed, three in 20 leave, the others are civil.
    private Task ActAsync(int number, Random random, CancellationToken stop) => (number % 50) switch
    {
        0 => StopReadingAsync(random, stop),
        1 or 2 or 11 or 12 or 21 => DieAsync(random, stop),
        3 or 4 or 13 or 14 or 23 => LeaveAsync(random, stop),
        5 or 15 => GiveUpAsync(random, stop),
        _ => ReadAsync(random, stop),
    };

    private async Task ReadAsync(Random random, CancellationToken stop)
    {
        var query = ClientQuery.Any(options.Load, random);
        using HttpResponseMessage? answer = await AskAsync(query, stop);
        if (answer is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 1500)), stop);
            return;
        }

        try
        {
            await using Stream body = await answer.Content.ReadAsStreamAsync(stop);
            await body.CopyToAsync(Stream.Null, stop);
            counts.AddWhole();
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            counts.AddCut();
        }
    }

    private async Task LeaveAsync(Random random, CancellationToken stop)
    {
        using (HttpResponseMessage? answer = await AskAsync(ClientQuery.Long(random), stop))
        {
            if (answer is not null)
            {
                await using Stream body = await answer.Content.ReadAsStreamAsync(stop);
                byte[] some = new byte[random.Next(1, 256 << 10)];
                try
                {
                    await body.ReadAtLeastAsync(some, some.Length, throwOnEndOfStream: false, stop);
                    counts.AddLeft();
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    counts.AddCut();
                }
            }
        }

        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 500)), stop);
    }

    private async Task GiveUpAsync(Random random, CancellationToken stop)
    {
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            patience.CancelAfter(TimeSpan.FromMilliseconds(random.Next(1, 400)));
            try
            {
                using HttpResponseMessage? answer = await AskAsync(ClientQuery.Any(options.Load, random), patience.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                counts.AddLeft();
            }
        }

        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 500)), stop);
    }

    private async Task DieAsync(Random random, CancellationToken stop)
    {
        ClientQuery query = random.Next(2) == 0 ? ClientQuery.Long(random) : ClientQuery.Any(options.Load, random);
        string[] coding = query.Coding is null ? [] : ["-H", $"Accept-Encoding: {query.Coding}"];
        await using (var curl = ChildProcess.Start(
            "curl",
            ["-s", "-o", "/dev/null", "--limit-rate", "200K", "-H", $"Accept: {query.Accept}", .. coding, "-H", "Content-Type: application/json", "-d", query.Body, new Uri(server.Admin.AdminUri, "/query").ToString()]))
        {
            Task ended = curl.WaitAsync(stop);
            if (await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 1000)), stop)) != ended)
            {
                await curl.KillAsync();
                counts.AddKilled();
            }
        }

        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(500, 2000)), stop);
    }

    private async Task StopReadingAsync(Random random, CancellationToken stop)
    {
        using (HttpResponseMessage? answer = await AskAsync(ClientQuery.Endless(random), stop))
        {
            if (answer is not null)
            {
                counts.AddStalled();
                await Task.Delay(Stall, stop);
            }
        }

        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 1500)), stop);
    }

    private async Task PostAsync(byte[] body, CancellationToken stop)
    {
        counts.Posts.Add(await server.Admin.PostStateAsync(body, stop));
        await Task.Delay(PostPause, stop);
    }

    /// <summary>The head of a good answer; null where it was another.</summary>
    private async Task<HttpResponseMessage?> AskAsync(ClientQuery query, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/query")
        {
            Content = new StringContent(query.Body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd(query.Accept);
        if (query.Coding is not null)
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(query.Coding));
        HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            counts.Answered(query, answer.StatusCode, string.Empty);
            return answer;
        }

        using (answer)
        {
            counts.Answered(query, answer.StatusCode, await answer.Content.ReadAsStringAsync(stop));
            return null;
        }
    }
}
