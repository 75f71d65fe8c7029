using Restate.Storage.Types;

namespace Restate.Admin.Api.Logging;

/// <summary>A message of the log, with all its text clipped and without secrets.</summary>
internal sealed class LogMessage
{
    private const string TemplateKey = "{OriginalFormat}";

    // Together a message stays below some 50 KiB in every form. What is cut here can be asked for over REST; a log that grows by what
    // callers send cannot be kept.
    private const int MaxText = 4096;
    private const int MaxField = 1024;
    private const int MaxFields = 16;
    private const int MaxException = 8192;

    private LogMessage(DateTimeOffset at, LogLevel level, string target, string text)
    {
        At = at;
        Level = level;
        Target = target;
        Text = text;
    }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; }

    /// <summary>How grave.</summary>
    public LogLevel Level { get; }

    /// <summary>Who says it.</summary>
    public string Target { get; }

    /// <summary>What.</summary>
    public string Text { get; }

    /// <summary>The values in the text by name: <see cref="bool"/>, <see cref="long"/>, <see cref="double"/> or <see cref="string"/>.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Fields { get; private init; } = [];

    /// <summary>The failure with its stack trace; null: none.</summary>
    public string? Exception { get; private init; }

    /// <summary>Takes a message in.</summary>
    public static LogMessage Of<TState>(
        DateTimeOffset at, LogLevel level, string target, TState state, Exception? exception, Func<TState, Exception?, string> format)
    {
        var fields = new List<KeyValuePair<string, object>>();
        foreach ((string name, object? value) in state as IReadOnlyList<KeyValuePair<string, object?>> ?? [])
        {
            if (name != TemplateKey && value is not null && fields.Count < MaxFields)
                fields.Add(new KeyValuePair<string, object>(JsonName(name), Value(value)));
        }

        return new LogMessage(at, level, target, Clip(format(state, exception), MaxText))
        {
            Fields = fields,
            Exception = exception is null ? null : Clip(exception.ToString(), MaxException),
        };
    }

    private static object Value(object value) => value switch
    {
        bool => value,
        byte or short or ushort or int or uint or long => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
        float or double => Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture),
        IFormattable formattable => Clip(formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture), MaxField),
        _ => Clip(value.ToString() ?? string.Empty, MaxField),
    };

    /// <summary>
    /// Secrets are looked for in a text somewhat longer than what is kept: one that begins before the cut must be seen whole, and one
    /// text of megabytes must not be searched.
    /// </summary>
    private static string Clip(string text, int most)
    {
        string seen = Redaction.Apply(text.Length <= 2 * most ? text : text[..(2 * most)]);
        return seen.Length <= most ? seen : $"{seen.AsSpan(0, most)}… ({text.Length - most} more characters)";
    }

    /// <summary>The names in templates are like ElapsedMs, those of fields like elapsed_ms.</summary>
    private static string JsonName(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
