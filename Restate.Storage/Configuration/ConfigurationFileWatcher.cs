using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Restate.Storage.Configuration;

/// <summary>Reloads the configuration file when its content changes, as <see cref="FollowedFile"/> tells.</summary>
/// <param name="store">The configuration, loaded from a file.</param>
/// <param name="time">Clock.</param>
/// <param name="logger">Told of changes, refusals and a missing file.</param>
public sealed partial class ConfigurationFileWatcher(
    ConfigurationStore store, TimeProvider time, ILogger<ConfigurationFileWatcher> logger) : BackgroundService
{
    private string? _problem;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (store.File is not { } file)
            return;
        var followed = new FollowedFile(file, store.FileHash ?? 0);
        using var timer = new PeriodicTimer(FollowedFile.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look(followed);
    }

    private void Look(FollowedFile file)
    {
        try
        {
            byte[]? change = file.ReadChange();
            if (_problem is not null)
                Log.Returned(logger, file.Path);
            _problem = null;
            if (change is null)
                return;
            Log.Changed(logger, file.Path);
            Tell(store.Reload(time.GetUtcNow()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The values stay; the file is looked for at every reading.
            if (_problem != e.Message)
                Log.Unreadable(logger, file.Path, e.Message);
            _problem = e.Message;
        }
        catch (Exception e)
        {
            // The change is in force; a part of the node that did not take notice must not end the watch.
            Log.HandlerFailed(logger, e);
        }
    }

    private void Tell(ConfigurationReload reload)
    {
        foreach (string error in reload.Refused)
            Log.Refused(logger, error);
        foreach (ReloadedOption option in reload.Applied)
            Log.Applied(logger, option.Key, option.Before ?? "unset", option.After ?? "unset");
        foreach (ReloadedOption option in reload.NeedsRestart)
            Log.NeedsRestart(logger, option.Key, option.Before ?? "unset", option.After ?? "unset");
        foreach (ReloadedOption option in reload.Unchanged)
            Log.Unchanged(logger, option.Key, option.Before ?? "unset", option.Reason ?? string.Empty);
        foreach (ConfigurationWarning warning in reload.Warnings)
            Log.Warned(logger, warning.Key, warning.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Detected configuration file changes: {File}")]
        public static partial void Changed(ILogger logger, string file);

        [LoggerMessage(LogLevel.Warning, "The configuration file {File} cannot be read: {Reason}. The values in force stay; it is looked for again every second")]
        public static partial void Unreadable(ILogger logger, string file, string reason);

        [LoggerMessage(LogLevel.Warning, "The configuration file {File} can be read again")]
        public static partial void Returned(ILogger logger, string file);

        [LoggerMessage(LogLevel.Warning, "Error updating configuration, configuration was not updated: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Warning, "[config update] {Key} changed from {Before} to {After}")]
        public static partial void Applied(ILogger logger, string key, string before, string after);

        [LoggerMessage(LogLevel.Warning, "[config update] {Key} stays {Before} until the node is started again; the file says {After}")]
        public static partial void NeedsRestart(ILogger logger, string key, string before, string after);

        [LoggerMessage(LogLevel.Information, "[config update] {Key} stays {Value}: {Reason}")]
        public static partial void Unchanged(ILogger logger, string key, string value, string reason);

        [LoggerMessage(LogLevel.Warning, "Configuration, {Key}: {Warning}")]
        public static partial void Warned(ILogger logger, string key, string warning);

        [LoggerMessage(LogLevel.Error, "[config update] a part of the node failed to take notice of the new configuration")]
        public static partial void HandlerFailed(ILogger logger, Exception exception);
    }
}
