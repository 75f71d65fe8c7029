using System.Globalization;
using System.Text;
using System.Text.Json;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Configuration;

namespace Restate.Admin.Tests.Docs;

/// <summary>The tables of <c>docs/configuration.md</c>, made of the options the program knows.</summary>
internal static class ConfigurationTables
{
    private const string TopLevel = "";

    /// <summary>A default that is not the same everywhere.</summary>
    private const string HostName = "the host name";

    private static readonly RestateConfiguration Defaults = new() { NodeName = HostName };

    private static readonly Dictionary<string, string> Routes = ReadRoutes();

    /// <summary>A table of options for each table of the file.</summary>
    public static string Options()
    {
        var text = new StringBuilder();
        foreach (IGrouping<string, ConfigurationOption> table in ConfigurationOptions.All.GroupBy(option => TableOf(option.Key)).OrderBy(table => table.Key.Length > 0))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### {(table.Key == TopLevel ? "Top level" : $"`[{table.Key}]`")}\n\n");
            text.Append("| Key | Default | Allowed | Changes | What it is |\n|---|---|---|---|---|\n");
            foreach (ConfigurationOption option in table)
                text.Append(CultureInfo.InvariantCulture, $"| {Code(option.Key)} | {Default(option)} | {option.Kind.Allowed} | {Changes(option)} | {option.Description} |\n");
        }

        return text.ToString();
    }

    /// <summary>Variables and flags of every option.</summary>
    public static string Names()
    {
        var text = new StringBuilder("| Key | Environment variable | Flag |\n|---|---|---|\n");
        foreach (ConfigurationOption option in ConfigurationOptions.All)
        {
            string special = option.SpecialVariable is { } variable ? $", or before it {Code(variable)}" : string.Empty;
            string flag = option.Flag is { } name ? Code("--" + name) : "`--set`";
            text.Append(CultureInfo.InvariantCulture, $"| {Code(option.Key)} | {Code(option.EnvironmentVariable)}{special} | {flag} |\n");
        }

        return text.ToString();
    }

    /// <summary>Restate's keys that load and do nothing here, a line for each table.</summary>
    public static string WithoutEffect()
    {
        var text = new StringBuilder("| Table | Keys |\n|---|---|\n");
        foreach (IGrouping<string, string> table in KeyAdvice.WithoutEffect.Order(StringComparer.Ordinal).GroupBy(TableOf).OrderBy(table => table.Key, StringComparer.Ordinal))
        {
            string name = table.Key == TopLevel ? "top level" : Code($"[{table.Key}]");
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {string.Join(", ", table.Select(key => Code(NameOf(key))))} |\n");
        }

        return text.ToString();
    }

    private static string Default(ConfigurationOption option) => option.Get(Defaults) switch
    {
        null => "–",
        HostName => HostName,
        { } value => Code(option.Kind.ToToml(value).Trim('"')),
    };

    private static string Changes(ConfigurationOption option) => option switch
    {
        { Live: false } => "restart",
        _ when Routes.TryGetValue(option.Key, out string? route) => $"live, {Code("PATCH " + route)}",
        _ => "live",
    };

    // Which route changes a key: the API's document says which members the bodies have.
    private static Dictionary<string, string> ReadRoutes()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "openapi", "admin.json")));
        JsonElement schemas = document.RootElement.GetProperty("components").GetProperty("schemas");
        return document.RootElement.GetProperty("paths").EnumerateObject()
            .Where(path => path.Value.TryGetProperty("patch", out JsonElement patch) && patch.TryGetProperty("requestBody", out _))
            .SelectMany(path => BodyOf(path.Value, schemas).EnumerateObject().Select(member => (Key: member.Name, Route: path.Name)))
            .Where(member => ConfigurationOptions.Find(member.Key) is not null)
            .ToDictionary(member => member.Key, member => member.Route, StringComparer.Ordinal);
    }

    private static JsonElement BodyOf(JsonElement path, JsonElement schemas)
    {
        string reference = path.GetProperty("patch").GetProperty("requestBody").GetProperty("content").GetProperty("application/json")
            .GetProperty("schema").GetProperty("$ref").GetString()!;
        return schemas.GetProperty(reference[(reference.LastIndexOf('/') + 1)..]).GetProperty("properties");
    }

    private static string TableOf(string key) => key.LastIndexOf('.') is > 0 and int dot ? key[..dot] : TopLevel;

    private static string NameOf(string key) => key[(key.LastIndexOf('.') + 1)..];

    private static string Code(string text) => $"`{text}`";
}
