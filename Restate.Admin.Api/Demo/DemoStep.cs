using System.Text.Json;

namespace Restate.Admin.Api.Demo;

/// <summary>A part of the demo that has a name when it fails.</summary>
internal static class DemoStep
{
    /// <summary>A replay, or a slow machine's first posts, may take this long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a step.</summary>
    /// <param name="name">What the failure calls it.</param>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Breaks it off.</param>
    /// <exception cref="DemoException">It failed, or did not end in time.</exception>
    public static async Task<T> RunAsync<T>(string name, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            return await step(deadline.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DemoException($"the demo failed at \"{name}\": it did not end in time", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or DemoException)
        {
            throw new DemoException($"the demo failed at \"{name}\": {e.Message}", e);
        }
    }

    /// <summary>Runs a step without a result.</summary>
    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(string name, Func<CancellationToken, Task> step, CancellationToken cancellationToken) =>
        RunAsync(
            name,
            async token =>
            {
                await step(token);
                return true;
            },
            cancellationToken);
}
