using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Restate.Admin.Api.Contracts;
using Restate.Storage.Configuration;
using Restate.Storage.Types;

namespace Restate.Admin.Api.Endpoints;

/// <summary>The configuration over REST. No option holds a secret; one that will must be masked here.</summary>
internal static class ConfigEndpoints
{
    private static readonly string[] LogKeys = ["log-filter", "log-format", "log-disable-ansi-codes"];

    /// <summary>Maps <c>/config</c> and what is below it.</summary>
    public static void MapConfig(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/config").WithTags("config");
        group.MapGet("", Get)
            .WithName("get_config")
            .WithSummary("Read the configuration in force")
            .WithDescription("Every option with its value, where that comes from, and whether it can change while the node runs.")
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapGet("/reload-report", GetReloadReport)
            .WithName("get_config_reload_report")
            .WithSummary("Read what the last reload of the configuration file led to")
            .WithDescription(
                "The file is followed while the node runs: a write in place, a rename over it, a swapped link above it and its return after a "
                + "deletion are seen within a few seconds. A file that cannot be used changes nothing.")
            .Produces<ErrorBody>(StatusCodes.Status500InternalServerError);
        group.MapPatch("/log", PatchLogAsync)
            .WithName("modify_log")
            .WithSummary("Change level and form of the log while the node runs")
            .WithDescription(
                "All named settings or, when one of them is refused, none; carried out before the answer: 202 without `wait`, 200 with it, or for a "
                + "dry run. A null takes back what was changed over REST, so that flags, environment, file or default count again.")
            .IsMemoryPatch<ModifyLogRequest>()
            .WithRequestExample("level", "More of the storage", """{"log-filter": "warn,restate=info,restate.storage=debug"}""")
            .WithRequestExample("json", "JSON for a log collector", """{"log-format": "json"}""")
            .WithRequestExample("reset", "Take back a change", """{"log-filter": null}""");
    }

    private static Task<Results<Ok<ConfigView>, Accepted<ConfigView>, BadRequest<ErrorBody>, JsonHttpResult<ErrorBody>>> PatchLogAsync(
        HttpContext http, ConfigurationStore configuration, CancellationToken cancellationToken) =>
        MemoryPatch.RunAsync(
            http,
            configuration,
            new MemoryPatchTarget<ConfigView>(
                LogKeys, snapshot => View(configuration, snapshot, LogKeys.Contains), (_, _, _) => Task.FromResult(true)),
            cancellationToken);

    private static Ok<ConfigView> Get(HttpContext http, ConfigurationStore configuration)
    {
        ConfigurationSnapshot current = configuration.Current;
        MemoryPatch.SetTag(http, current);
        return TypedResults.Ok(View(configuration, current, _ => true));
    }

    private static ConfigView View(ConfigurationStore configuration, ConfigurationSnapshot snapshot, Func<string, bool> shows) => new(
        snapshot.Generation,
        configuration.File,
        [.. snapshot.Effective.Where(option => shows(option.Key)).Select(option => new ConfigOptionView(
            option.Key, Value(option.Value.Value), MemoryViewMapping.Source(option.Value.Source), option.Value.Live))]);

    private static Ok<ConfigReloadView> GetReloadReport(ConfigurationStore configuration) => TypedResults.Ok(
        configuration.LastReload is { } reload
            ? new ConfigReloadView(
                MemoryViewMapping.Time(reload.At),
                reload.File,
                reload.Outcome.ToString().ToLowerInvariant(),
                reload.Generation,
                Changes(reload.Applied),
                Changes(reload.NeedsRestart),
                Changes(reload.Unchanged),
                reload.Refused,
                [.. reload.Warnings.Select(warning => warning.Message)])
            : new ConfigReloadView(null, configuration.File, "none", configuration.Current.Generation, [], [], [], [], []));

    private static IReadOnlyList<ConfigChangeView> Changes(IReadOnlyList<ReloadedOption> options) =>
        [.. options.Select(option => new ConfigChangeView(option.Key, option.Before, option.After, option.Reason))];

    /// <summary>A value of the configuration as JSON: sizes in bytes, durations as text.</summary>
    public static JsonElement? Value(object? value) => value switch
    {
        null => null,
        bool flag => JsonSerializer.SerializeToElement(flag),
        int number => JsonSerializer.SerializeToElement(number),
        float number => JsonSerializer.SerializeToElement(number),
        ByteSize size => JsonSerializer.SerializeToElement(size.Bytes),
        TimeSpan span => JsonSerializer.SerializeToElement(DurationText.Format(span)),
        _ => JsonSerializer.SerializeToElement(Convert.ToString(value, CultureInfo.InvariantCulture)),
    };
}
