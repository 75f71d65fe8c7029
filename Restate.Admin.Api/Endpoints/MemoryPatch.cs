using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;
using Restate.Admin.Api.Contracts;
using Restate.Admin.Api.Security;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Endpoints;

/// <summary>What a route below <c>/memory</c> changes, and how it shows that.</summary>
/// <typeparam name="TView">The document of the route.</typeparam>
/// <param name="Keys">The keys that a change may name, as they are in TOML.</param>
/// <param name="View">The document of a configuration.</param>
/// <param name="WaitAsync">Waits until a generation is carried out; false when the time passed first.</param>
internal sealed record MemoryPatchTarget<TView>(
    IReadOnlyList<string> Keys,
    Func<ConfigurationSnapshot, TView> View,
    Func<long, TimeSpan, CancellationToken, Task<bool>> WaitAsync);

/// <summary>The change of memory settings over REST: reads parameters, conditions and body, and applies all of it or nothing.</summary>
internal static class MemoryPatch
{
    /// <summary>A dozen settings fit many times; more is not a change of settings.</summary>
    private const int MaxBodyBytes = 64 << 10;

    private const int LongestShown = 120;

    private static readonly string[] Parameters = ["dry_run", "persist", "wait"];

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>Answers a PATCH.</summary>
    /// <exception cref="RequestRejectedException">Parameters or body cannot be read.</exception>
    public static async Task<Results<Ok<TView>, Accepted<TView>, BadRequest<ErrorBody>, JsonHttpResult<ErrorBody>>> RunAsync<TView>(
        HttpContext http, ConfigurationStore configuration, MemoryPatchTarget<TView> target, CancellationToken cancellationToken)
    {
        JsonBody.RequireContentType(http.Request);
        if (WhyNot(http.Request.Query) is { } reason)
            return Bad(reason);
        bool dryRun = QueryParameters.Flag(http.Request.Query, "dry_run");
        bool persist = QueryParameters.Flag(http.Request.Query, "persist");
        if (!TryReadWait(http.Request.Query["wait"], out TimeSpan patience))
            return Bad($"The query parameter 'wait' is invalid: \"{http.Request.Query["wait"]}\"; allowed is 0s to 10m, {DurationText.Grammar}");
        Dictionary<string, object?> patch = await ReadAsync(http.Request, target.Keys, cancellationToken);
        if (patch.Keys.FirstOrDefault(key => !target.Keys.Contains(key)) is { } unknown)
            return Bad($"{ConfigurationStore.WhyNotHere(unknown, patch[unknown])}; allowed are {string.Join(", ", target.Keys)}");

        try
        {
            long? expected = ReadExpected(http.Request, configuration.Current);
            if (dryRun)
            {
                if (expected is { } generation && generation != configuration.Current.Generation)
                    throw new GenerationMismatchException(generation, configuration.Current.Generation);
                return TypedResults.Ok(target.View(configuration.Preview(patch)));
            }

            ConfigurationSnapshot before = configuration.Current;
            ConfigurationSnapshot next;
            try
            {
                next = configuration.Apply(patch, expected, persist);
            }
            catch (AggregateException)
            {
                // A part of the node did not take notice; the change is in force all the same.
                http.RecordChange(Values(before, patch.Keys), Values(configuration.Current, patch.Keys));
                throw;
            }

            http.RecordChange(Values(before, patch.Keys), Values(next, patch.Keys));
            SetTag(http, next);
            bool applied = patience > TimeSpan.Zero && await target.WaitAsync(next.Generation, patience, cancellationToken);
            TView view = target.View(next);
            return applied ? TypedResults.Ok(view) : TypedResults.Accepted((string?)null, view);
        }
        catch (ConfigurationException e)
        {
            return Bad(e.Message);
        }
        catch (GenerationMismatchException e)
        {
            return TypedResults.Json(new ErrorBody(e.Message), statusCode: StatusCodes.Status412PreconditionFailed);
        }
    }

    /// <summary>Gives the answer the generation as its ETag.</summary>
    public static void SetTag(HttpContext http, ConfigurationSnapshot snapshot) =>
        http.Response.Headers.ETag = new StringValues(Tag(snapshot));

    private static Dictionary<string, JsonElement?> Values(ConfigurationSnapshot snapshot, IEnumerable<string> keys) =>
        keys.ToDictionary(key => key, key => ConfigEndpoints.Value(snapshot.Get(key)));

    // Elsewhere a parameter that is not known is left alone; here `dryrun` instead of `dry_run` would change a node that was only to be asked.
    private static string? WhyNot(IQueryCollection query)
    {
        if (query.Keys.FirstOrDefault(name => !Parameters.Contains(name)) is not { } other)
            return null;
        string shown = other.Length > LongestShown ? other[..LongestShown] + "…" : other;
        return $"The query parameter '{shown}' is unknown; allowed are {string.Join(", ", Parameters)}";
    }

    private static bool TryReadWait(StringValues text, out TimeSpan patience)
    {
        patience = TimeSpan.Zero;
        return text.Count == 0
            || (text is [{ } one] && DurationText.TryParse(one, out patience) && patience >= TimeSpan.Zero && patience <= LongestWait);
    }

    private static async Task<Dictionary<string, object?>> ReadAsync(
        HttpRequest request, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        JsonElement body = await JsonBody.ReadAsync(request, cancellationToken, MaxBodyBytes);
        if (body.ValueKind != JsonValueKind.Object)
            throw Shape($"expected an object of settings such as {{\"{keys[0]}\": …}}, found {Describe(body)}");
        var patch = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (JsonProperty property in body.EnumerateObject())
        {
            // Which of two values is meant nobody can tell.
            if (!patch.TryAdd(property.Name, Read(property.Name, property.Value)))
            {
                throw new RequestRejectedException(
                    StatusCodes.Status400BadRequest,
                    $"Failed to parse the request body as JSON: the key \"{property.Name}\" stands there twice, the second time with {Describe(property.Value)}; every key may stand there once");
            }
        }

        return patch;
    }

    private static object? Read(string key, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => value.GetString(),

        // As an object each: the common type of the two would make a fraction of every whole number.
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? (object)whole : value.TryGetUInt64(out ulong large) ? (object)large : value.GetDouble(),
        _ => throw Shape($"{key}: expected a number, a string, a boolean or null, found {Describe(value)}"),
    };

    private static string Describe(JsonElement value)
    {
        string text = value.GetRawText();
        return $"{value.ValueKind.ToString().ToLowerInvariant()} {(text.Length > LongestShown ? text[..LongestShown] + "…" : text)}";
    }

    private static RequestRejectedException Shape(string detail) => new(
        StatusCodes.Status422UnprocessableEntity, $"Failed to deserialize the JSON body into the target type: {detail}");

    /// <summary>
    /// The generation that <c>If-Match</c> asks for; null when it asks for none. Of several, the one in force if it is among them.
    /// </summary>
    /// <exception cref="GenerationMismatchException">No tag can ever match.</exception>
    private static long? ReadExpected(HttpRequest request, ConfigurationSnapshot current)
    {
        string[] tags = [.. request.Headers.IfMatch.SelectMany(value => (value ?? string.Empty).Split(',', StringSplitOptions.TrimEntries))];
        if (tags.Length == 0 || tags.Contains("*"))
            return null;
        if (tags.Contains(Tag(current)))
            return current.Generation;

        // A weak tag or one that is not ours matches nothing: for the caller that is the same as an old generation.
        return long.TryParse(tags[0].Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out long generation)
            && generation != current.Generation
                ? generation
                : throw new GenerationMismatchException(0, current.Generation);
    }

    private static string Tag(ConfigurationSnapshot snapshot) => string.Create(CultureInfo.InvariantCulture, $"\"{snapshot.Generation}\"");

    private static BadRequest<ErrorBody> Bad(string message) => TypedResults.BadRequest(new ErrorBody(message));
}
