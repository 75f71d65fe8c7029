using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Logging;

/// <summary>What is logged and in which form.</summary>
/// <param name="Filter">Which messages are written.</param>
/// <param name="Format">Their form.</param>
/// <param name="Colours">True where a terminal reads them and nobody asked for none.</param>
internal sealed record LogSettings(LogFilter Filter, LogFormat Format, bool Colours)
{
    /// <summary>The settings of a configuration, whose values are checked.</summary>
    public static LogSettings Of(RestateConfiguration configuration) => new(
        LogFilter.TryParse(configuration.LogFilter, out LogFilter? filter)
            ? filter
            : throw new ArgumentException($"log-filter = \"{configuration.LogFilter}\" is no filter", nameof(configuration)),
        configuration.LogFormat switch
        {
            "json" => LogFormat.Json,
            "pretty" => LogFormat.Pretty,
            _ => LogFormat.Compact,
        },
        !configuration.LogDisableAnsiCodes);
}

/// <summary>Forms of a message.</summary>
internal enum LogFormat
{
    /// <summary>One line.</summary>
    Compact,

    /// <summary>A line, and more below it that are indented.</summary>
    Pretty,

    /// <summary>One JSON object in a line.</summary>
    Json,
}
