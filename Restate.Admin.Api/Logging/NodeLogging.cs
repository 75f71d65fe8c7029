using System.Collections.Concurrent;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Logging;

/// <summary>The log of the node. Level and form follow the configuration while it runs. Thread-safe.</summary>
internal sealed class NodeLogging : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, NodeLogger> _loggers = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly LogOutput _output;
    private readonly bool _outputColours;
    private readonly bool _errorColours;
    private volatile LogSettings _settings;
    private ConfigurationStore? _followed;

    /// <summary>A log over the standard streams.</summary>
    public NodeLogging(RestateConfiguration configuration, TimeProvider time)
        : this(
            configuration,
            time,
            new LogOutput(Console.OpenStandardOutput(), Console.OpenStandardError()),
            outputColours: !Console.IsOutputRedirected && WantsColours(),
            errorColours: !Console.IsErrorRedirected && WantsColours())
    {
    }

    internal NodeLogging(RestateConfiguration configuration, TimeProvider time, LogOutput output, bool outputColours, bool errorColours)
    {
        _settings = LogSettings.Of(configuration);
        _time = time;
        _output = output;
        _outputColours = outputColours;
        _errorColours = errorColours;
    }

    /// <summary>Follows a configuration until disposed.</summary>
    public void Follow(ConfigurationStore configuration)
    {
        _followed = configuration;
        configuration.Changed += Use;
        Use(configuration.Current);
    }

    /// <summary>Sends a builder's messages here and nowhere else.</summary>
    public void AddTo(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        logging.AddProvider(this);

        // What is written is decided here, where it can change.
        logging.SetMinimumLevel(LogLevel.Trace);

        // A start that fails ends with one line of ours; the host would print a stack trace before it.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) =>
        _loggers.GetOrAdd(categoryName, static (name, log) => new NodeLogger(name, log) { Lowest = log._settings.Filter.LevelOf(name) }, this);

    /// <inheritdoc/>
    public void Dispose()
    {
        _followed?.Changed -= Use;
        _output.Dispose();
    }

    private void Use(ConfigurationSnapshot configuration)
    {
        LogSettings settings = LogSettings.Of(configuration.Value);
        _settings = settings;
        foreach (NodeLogger logger in _loggers.Values)
            logger.Lowest = settings.Filter.LevelOf(logger.Target);
    }

    private void Write(LogMessage message)
    {
        LogSettings settings = _settings;
        bool grave = message.Level >= LogLevel.Warning;
        _output.Add(grave, LogText.Write(message, settings.Format, settings.Colours && (grave ? _errorColours : _outputColours)));
    }

    /// <summary>The two wishes that programs of a terminal agree on.</summary>
    private static bool WantsColours() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";

    private sealed class NodeLogger(string target, NodeLogging log) : ILogger
    {
        private volatile LogLevel _lowest;

        public string Target => target;

        public LogLevel Lowest
        {
            get => _lowest;
            set => _lowest = value;
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= _lowest && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Write(LogMessage.Of(log._time.GetUtcNow(), logLevel, target, state, exception, formatter));
        }
    }
}
