using System.Globalization;
using Restate.Admin.Api.Query.Tables;
using Restate.Storage.Configuration;
using Restate.Storage.Types;
using static Restate.Admin.Api.SystemTables.Columns;

namespace Restate.Admin.Api.SystemTables;

/// <summary>The table over the effective configuration.</summary>
/// <remarks>No option holds a secret. One that will must be masked here and in the dump alike.</remarks>
internal static class ConfigurationTable
{
    internal static readonly TableDefinition Definition = new(
        "sys_config",
        "One option with its effective value and where that comes from",
        [
            Text("key", "TOML path"),
            Text("value", "value in force; null when it is not set and has no fixed default"),
            Text("source", "default, file, env, cli or runtime"),
            Flag("live", "it can be changed while the node runs; else it needs a restart"),
        ]);

    internal static MemoryTable Over(ConfigurationStore configuration) => Definition.Over(() => Rows(configuration.Current));

    private static object?[][] Rows(ConfigurationSnapshot snapshot) =>
    [
        .. snapshot.Effective.Select(option => new object?[]
        {
            option.Key, Value(option.Value.Value), option.Value.Source.ToString().ToLowerInvariant(), option.Value.Live,
        }),
    ];

    /// <summary>A value as text that a configuration file would take.</summary>
    internal static string? Value(object? value) => value switch
    {
        null => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        ByteSize size => size.ToExactString(),
        TimeSpan span => DurationText.Format(span),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"an option of type {value.GetType()} has no text"),
    };
}
