using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Restate.Storage.Configuration;

/// <summary>
/// Which messages are written: a level for all, and levels for targets, as in <c>warn,restate=info</c>. A target stands for all whose
/// names begin with it, in either case; the longest one counts, and of two alike the last. Without a level for all, that is
/// <c>error</c>.
/// </summary>
public sealed class LogFilter
{
    /// <summary>What the text of a filter may be, in words.</summary>
    public const string Grammar =
        "levels after commas, each alone or as target=level: off, error, warn, info, debug or trace; a target has letters, digits, \".\", \"_\", \"-\" and \":\"";

    /// <summary>Longer ones are no filter that somebody wrote; the text is repeated in answers and in the log.</summary>
    private const int MaxLength = 2048;

    private readonly (string Target, LogLevel Level)[] _targets;

    private LogFilter((string Target, LogLevel Level)[] targets, LogLevel others)
    {
        _targets = targets;
        Others = others;
    }

    /// <summary>Lowest level that is written of targets that are not named.</summary>
    public LogLevel Others { get; }

    /// <summary>Reads a filter.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LogFilter? filter)
    {
        filter = null;
        if (text.Length > MaxLength)
            return false;
        var targets = new List<(string Target, LogLevel Level)>();
        LogLevel others = LogLevel.Error;
        foreach (string directive in text.Split(','))
        {
            int equals = directive.IndexOf('=');
            if (!TryReadLevel(directive[(equals + 1)..].Trim(' '), out LogLevel level))
                return false;
            string target = equals < 0 ? string.Empty : directive[..equals].Trim(' ');
            if (equals < 0)
                others = level;
            else if (target.Length > 0 && target.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':'))
                targets.Insert(0, (target, level));
            else
                return false;
        }

        filter = new LogFilter([.. targets.OrderByDescending(target => target.Target.Length)], others);
        return true;
    }

    /// <summary>Lowest level that is written of a target; <see cref="LogLevel.None"/>: nothing of it is.</summary>
    public LogLevel LevelOf(string target)
    {
        foreach ((string prefix, LogLevel level) in _targets)
        {
            if (target.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                return level;
        }

        return Others;
    }

    private static bool TryReadLevel(string text, out LogLevel level)
    {
        LogLevel? read = text.ToLowerInvariant() switch
        {
            "off" => LogLevel.None,
            "error" => LogLevel.Error,
            "warn" => LogLevel.Warning,
            "info" => LogLevel.Information,
            "debug" => LogLevel.Debug,
            "trace" => LogLevel.Trace,
            _ => null,
        };
        level = read ?? LogLevel.None;
        return read is not null;
    }
}
