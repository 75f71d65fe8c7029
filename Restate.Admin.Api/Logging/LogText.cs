using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Restate.Admin.Api.Logging;

/// <summary>
/// Messages as bytes. What callers sent can stand in them, so no value begins a new line or moves a terminal: control characters are
/// escaped, and only lines of ours begin in the first column.
/// </summary>
internal static class LogText
{
    private const string Reset = "\e[0m";
    private const string Dim = "\e[2m";

    /// <summary>Nothing of it is ever put into a page: only control characters, quotes and what ends a line need escapes.</summary>
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = false };

    /// <summary>The message with its line end.</summary>
    public static byte[] Write(LogMessage message, LogFormat format, bool colours) => format switch
    {
        LogFormat.Json => WriteJson(message),
        LogFormat.Pretty => WritePretty(message, colours),
        _ => WriteCompact(message, colours),
    };

    private static byte[] WriteJson(LogMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", Time(message));
            json.WriteString("level", Level(message.Level));
            json.WriteStartObject("fields");
            json.WriteString("message", message.Text);
            var written = new HashSet<string>(StringComparer.Ordinal) { "message", "exception" };
            foreach ((string name, object value) in message.Fields.Where(field => written.Add(field.Key)))
                WriteField(json, name, value);
            if (message.Exception is { } exception)
                json.WriteString("exception", exception);
            json.WriteEndObject();
            json.WriteString("target", message.Target);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteField(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case long whole:
                json.WriteNumber(name, whole);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static byte[] WriteCompact(LogMessage message, bool colours)
    {
        StringBuilder text = Head(message, colours).Append(": ");
        Escape(text, message.Text);
        if (message.Exception is { } exception)
            Escape(text.Append(" exception="), exception);
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    private static byte[] WritePretty(LogMessage message, bool colours)
    {
        StringBuilder text = Head(message, colours).Append("\n  ");
        Escape(text, message.Text);
        foreach ((string name, object value) in message.Fields)
            Escape(text.Append("\n    ").Append(name).Append(": "), Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty);
        foreach (string line in (message.Exception ?? string.Empty).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Escape(text.Append("\n      "), line.TrimEnd('\r'));
        return Encoding.UTF8.GetBytes(text.Append('\n').ToString());
    }

    private static StringBuilder Head(LogMessage message, bool colours)
    {
        string level = Level(message.Level).PadLeft(5);
        return colours
            ? new StringBuilder().Append(Dim).Append(Time(message)).Append(Reset).Append(' ').Append(Colour(message.Level)).Append(level)
                .Append(Reset).Append(' ').Append(Dim).Append(message.Target).Append(Reset)
            : new StringBuilder().Append(Time(message)).Append(' ').Append(level).Append(' ').Append(message.Target);
    }

    private static string Time(LogMessage message) => message.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace => "TRACE",
        LogLevel.Debug => "DEBUG",
        LogLevel.Information => "INFO",
        LogLevel.Warning => "WARN",
        _ => "ERROR",
    };

    private static string Colour(LogLevel level) => level switch
    {
        LogLevel.Trace => "\e[35m",
        LogLevel.Debug => "\e[34m",
        LogLevel.Information => "\e[32m",
        LogLevel.Warning => "\e[33m",
        _ => "\e[31m",
    };

    private static void Escape(StringBuilder text, string value)
    {
        foreach (char c in value)
        {
            switch (c)
            {
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                default:
                    // Also what ends a line or turns its direction without being a control character.
                    if (char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                        text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    else
                        text.Append(c);
                    break;
            }
        }
    }
}
