using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Security;

/// <summary>
/// Who changed what, as JSON lines in the node's folder: <c>audit.log</c> for the node (settings, deployments, services, partitions) and
/// <c>audit-state.log</c> for the state of objects, which changes far more often and would push the rest out. Thread-safe.
/// </summary>
internal sealed partial class AuditLog : IDisposable
{
    /// <summary>Name of the file for changes of the node.</summary>
    public const string FileName = "audit.log";

    /// <summary>Name of the file for changes of state.</summary>
    public const string StateFileName = "audit-state.log";

    /// <summary>Bytes of a before or an after; longer ones are left out, and the line says so.</summary>
    private const int MaxValueBytes = 64 << 10;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();
    private readonly AuditFile _file;
    private readonly AuditFile _stateFile;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ConfigurationStore _configuration;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AccessMetrics _metrics;
    private string? _problem;

    /// <summary>Creates the log; its files are made with their first lines.</summary>
    /// <param name="configuration">Names the node's folder; its changes by file are recorded.</param>
    /// <param name="metrics">Counts the lines.</param>
    /// <param name="time">Clock of the lines.</param>
    /// <param name="logger">Told of each change, and of lines that could not be written.</param>
    public AuditLog(ConfigurationStore configuration, AccessMetrics metrics, TimeProvider time, ILogger<AuditLog> logger)
    {
        string folder = configuration.Current.Value.NodeDirectory;
        _file = new AuditFile(Path.Combine(folder, FileName));
        _stateFile = new AuditFile(Path.Combine(folder, StateFileName));
        _configuration = configuration;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        configuration.Changed += RecordReload;
    }

    /// <summary>Writes one change. A line that cannot be written is counted and logged; it does not undo the change.</summary>
    /// <param name="entry">The change.</param>
    /// <param name="isState">True for the state of an object.</param>
    public void Record(AuditEntry entry, bool isState)
    {
        lock (_lock)
        {
            try
            {
                _line.ResetWrittenCount();
                Write(entry);
                (isState ? _stateFile : _file).Append(_line.WrittenSpan);
                _metrics.AuditRecords.Inc();
                _problem = null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                _metrics.AuditFailures.Inc();
                if (_problem != e.Message)
                    Log.Failed(_logger, e.Message);
                _problem = e.Message;
            }
        }

        if (!isState)
            Log.Changed(_logger, entry.Actor ?? "anonymous", entry.Remote ?? "here", entry.Action, entry.Status);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _configuration.Changed -= RecordReload;
        lock (_lock)
        {
            _file.Dispose();
            _stateFile.Dispose();
        }
    }

    private void RecordReload(ConfigurationSnapshot snapshot)
    {
        if (_configuration.LastReload is not { Outcome: ReloadOutcome.Applied } reload || reload.Generation != snapshot.Generation)
            return;
        Record(
            new AuditEntry(
                _time.GetUtcNow(), "file:" + reload.File, Remote: null, "reload", Status: null, Values(option => option.Before), Values(option => option.After)),
            isState: false);

        JsonObject Values(Func<ReloadedOption, string?> value) =>
            new(reload.Applied.Select(option => KeyValuePair.Create(option.Key, (JsonNode?)value(option))));
    }

    private void Write(AuditEntry entry)
    {
        using (var json = new Utf8JsonWriter(_line, Writing))
        {
            json.WriteStartObject();
            json.WriteString("at", entry.At.UtcDateTime);
            json.WriteString("actor", entry.Actor);
            json.WriteString("remote", entry.Remote);
            json.WriteString("action", entry.Action);
            if (entry.Status is { } status)
                json.WriteNumber("status", status);
            else
                json.WriteNull("status");
            WriteValue(json, "before", entry.Before);
            WriteValue(json, "after", entry.After);
            json.WriteEndObject();
        }

        _line.Write("\n"u8);
    }

    private static void WriteValue(Utf8JsonWriter json, string name, JsonNode? value)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(value);
        json.WritePropertyName(name);
        if (text.Length <= MaxValueBytes)
            json.WriteRawValue(text, skipInputValidation: true);
        else
            json.WriteStringValue($"{text.Length} bytes, too long for this log");
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Audit: {Actor} from {Remote}: {Action} -> {Status}")]
        public static partial void Changed(ILogger logger, string actor, string remote, string action, int? status);

        [LoggerMessage(LogLevel.Error, "The audit log cannot be written: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
