using System.Globalization;
using System.Net;

namespace Restate.Admin.Api.Demo;

/// <summary>Writes carts, gently and for as long as the demo runs: first each once, then any of them again.</summary>
internal sealed partial class CartLoad : IAsyncDisposable
{
    /// <summary>Posts in a second.</summary>
    public const int Rate = 40;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly DemoClient _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop;
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private readonly Task _running;

    private CartLoad(DemoClient client, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        _client = client;
        _time = time;
        _logger = logger;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _running = RunAsync(_stop.Token);
    }

    /// <summary>Starts writing.</summary>
    /// <param name="client">The node.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For posts that fail: each kind once.</param>
    /// <param name="stopping">Ends the load.</param>
    public static CartLoad Start(DemoClient client, TimeProvider time, ILogger logger, CancellationToken stopping) =>
        new(client, time, logger, stopping);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / Rate, _time);
        var choice = new Random(1);
        TimeSpan pause = FirstPause;
        try
        {
            for (int post = 0; await timer.WaitForNextTickAsync(stopping); post++)
            {
                int cart = post < CartData.Carts ? post : choice.Next(CartData.Carts);
                if (await TryPostAsync(CartData.Body(cart, change: post < CartData.Carts ? 0 : post), stopping) is not { } failure)
                {
                    pause = FirstPause;
                    continue;
                }

                if (_reported.Add(failure))
                    Log.PostFailed(_logger, failure);
                await Task.Delay(pause, _time, stopping);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The demo ends.
        }
        catch (Exception e)
        {
            // Nobody awaits the load before the demo ends, and the node goes on without it.
            Log.Ended(_logger, e);
        }
    }

    /// <summary>Posts one body; null when it was acknowledged, else what was wrong, the same text for the same kind.</summary>
    private async Task<string?> TryPostAsync(byte[] body, CancellationToken stopping)
    {
        try
        {
            using HttpResponseMessage answer = await _client.PostCartAsync(body, stopping);
            return answer.StatusCode == HttpStatusCode.Accepted
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"{(int)answer.StatusCode} {answer.ReasonPhrase}");
        }
        catch (HttpRequestException e)
        {
            return e.HttpRequestError.ToString();
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return "no answer in time";
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "A post of the demo failed: {Failure}. It goes on more slowly until one works again; this is not repeated")]
        public static partial void PostFailed(ILogger logger, string failure);

        [LoggerMessage(LogLevel.Error, "The demo writes no more carts")]
        public static partial void Ended(ILogger logger, Exception failure);
    }
}
