using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Restate.Storage.Configuration;

/// <summary>Reads TOML files into values by path. The only place that knows the TOML package.</summary>
internal static class TomlDocument
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, as its user named it; it is named so in messages.</param>
    /// <param name="title">What the file is, for messages: <c>config file</c>.</param>
    /// <returns>TOML path to value, with the line of each.</returns>
    /// <exception cref="ConfigurationLoadException">It cannot be read, is not UTF-8 or not TOML.</exception>
    public static Dictionary<string, RawValue> ReadFile(string path, string title) =>
        ReadFile(path, title, ConfigurationFileReader.Read, out _);

    /// <summary>As <see cref="ReadFile(string, string)"/>, and tells the XXH3-128 of the file's content.</summary>
    public static Dictionary<string, RawValue> ReadFile(string path, string title, Func<string, byte[]> read, out UInt128 hash)
    {
        try
        {
            byte[] content = read(path);
            hash = XxHash128.HashToUInt128(content);
            return Parse(Utf8.GetString(content).TrimStart('\uFEFF'), path);
        }
        catch (DecoderFallbackException e)
        {
            throw new ConfigurationLoadException([$"{title} {RawValue.Quote(path)} is not UTF-8 text (first bad byte at offset {e.Index})"]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            string reason = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                _ when Directory.Exists(path) => "it is a folder",
                UnauthorizedAccessException => "permission denied",
                _ => OneLine(e.Message),
            };
            throw new ConfigurationLoadException([$"cannot read {title} {RawValue.Quote(path)}: {reason}"]);
        }
    }

    /// <summary>Reads TOML text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="path">The name of the file in messages.</param>
    /// <exception cref="ConfigurationLoadException">It is not TOML; one error for each place, with line and column.</exception>
    public static Dictionary<string, RawValue> Parse(string text, string path)
    {
        DocumentSyntax document = SyntaxParser.Parse(text, path, validate: true);
        if (document.HasErrors)
        {
            throw new ConfigurationLoadException([.. document.Diagnostics
                .Where(message => message.Kind == DiagnosticMessageKind.Error)
                .Select(message =>
                    $"TOML parse error at line {message.Span.Start.Line + 1}, column {message.Span.Start.Column + 1}: "
                    + $"{OneLine(message.Message)} in {path} TOML file")]);
        }

        var values = new Dictionary<string, RawValue>(StringComparer.Ordinal);
        Add(values, string.Empty, document.KeyValues, path);
        foreach (TableSyntaxBase table in document.Tables)
        {
            string name = PathOf(table.Name!);
            if (table is TableArraySyntax)
                values[name] = new RawValue(new RawShape("array of tables"), Origin(path, table));
            else
                Add(values, name + ".", table.Items, path);
        }

        return values;
    }

    private static void Add(Dictionary<string, RawValue> values, string prefix, IEnumerable<KeyValueSyntax> items, string path)
    {
        foreach (KeyValueSyntax item in items)
        {
            string key = prefix + PathOf(item.Key!);
            if (item.Value is InlineTableSyntax table)
                Add(values, key + ".", table.Items.Select(entry => entry.KeyValue!), path);
            else
                values[key] = new RawValue(ValueOf(item.Value!), Origin(path, item));
        }
    }

    private static object ValueOf(ValueSyntax value) => value switch
    {
        StringValueSyntax text => text.Value ?? string.Empty,
        IntegerValueSyntax integer => integer.Value,
        FloatValueSyntax number => number.Value,
        BooleanValueSyntax flag => flag.Value,
        DateTimeValueSyntax => new RawShape("date"),
        ArraySyntax => new RawShape("array"),
        _ => new RawShape("table"),
    };

    private static string PathOf(KeySyntax key) =>
        string.Join('.', key.DotKeys.Select(dotted => NameOf(dotted.Key!)).Prepend(NameOf(key.Key!)));

    // A dot inside a quoted name does not make a path; it cannot match an option then, and shows as it was written.
    private static string NameOf(BareKeyOrStringValueSyntax name) => name switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? string.Empty,
        StringValueSyntax { Value: { } text } when text.Contains('.') => TomlText.Quote(text),
        StringValueSyntax text => text.Value ?? string.Empty,
        _ => string.Empty,
    };

    private static string Origin(string path, SyntaxNode node) =>
        string.Create(CultureInfo.InvariantCulture, $"{path} TOML file, line {node.Span.Start.Line + 1}");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
