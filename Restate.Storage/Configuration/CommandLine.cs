using System.Globalization;
using System.Text;

namespace Restate.Storage.Configuration;

/// <summary>What the process is asked to do.</summary>
public enum CommandLineAction
{
    /// <summary>Run the node.</summary>
    Run,

    /// <summary>Print the effective configuration as TOML and exit.</summary>
    DumpConfig,

    /// <summary>Print the memory plan and exit.</summary>
    Plan,

    /// <summary>Print the OpenAPI document of the admin API and exit.</summary>
    DumpOpenApi,

    /// <summary>Ask the node that runs with the same settings for its health and exit.</summary>
    HealthCheck,

    /// <summary>Make a token for the admin port, print it and its line for the file of tokens, and exit.</summary>
    CreateToken,

    /// <summary>Print <see cref="CommandLine.Help"/> and exit.</summary>
    Help,

    /// <summary>Print the version and exit.</summary>
    Version,
}

/// <summary>The command line of the node, taken apart but not yet checked against the options.</summary>
public sealed class CommandLine
{
    /// <summary>The usage line.</summary>
    public const string Usage = "Usage: Restate.Admin.Api [OPTIONS]";

    private static readonly Dictionary<string, ConfigurationOption> Flags = ConfigurationOptions.All
        .Where(option => option.Flag is not null)
        .ToDictionary(option => "--" + option.Flag, StringComparer.Ordinal);

    /// <summary>Flags that print something else each, and end the program.</summary>
    private static readonly string[] PrintFlags = ["--create-token", "--dump-config", "--dump-openapi", "--healthcheck", "--plan"];

    private readonly Dictionary<string, RawValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    private CommandLine()
    {
    }

    /// <summary>What to do. <c>--help</c> and <c>--version</c> win over the others.</summary>
    public CommandLineAction Action { get; private set; }

    /// <summary>The config file, before <c>RESTATE_CONFIG</c>; null: none named.</summary>
    public string? ConfigFile { get; private set; }

    /// <summary>True: persisted changes of an earlier run are left out.</summary>
    public bool IgnoreRuntimeOverrides { get; private set; }

    /// <summary>True: the node starts with defaults, a service and a write load to look at, and prints a tour.</summary>
    public bool Demo { get; private set; }

    /// <summary>Number of open partitions to plan for, 1 to 65,536; null: the configured number.</summary>
    public int? PlanPartitions { get; private set; }

    /// <summary>Name of the token to make.</summary>
    public string? TokenName { get; private set; }

    /// <summary>Scopes of the token to make, after commas.</summary>
    public string TokenScopes { get; private set; } = "query,read";

    /// <summary>The layer of flags.</summary>
    internal ConfigurationLayer Layer => new(ConfigurationSource.Cli, _values);

    /// <summary>The text for <c>--help</c>.</summary>
    public static string Help { get; } = WriteHelp();

    /// <summary>Takes a command line apart.</summary>
    /// <param name="arguments">Arguments without the program's name.</param>
    /// <exception cref="CommandLineException">A flag is unknown, given twice, or lacks its value; exit code 2.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new CommandLine();
        for (int i = 0; i < arguments.Count; i++)
            line.ReadFlag(arguments, ref i);
        bool plans = line._seen.Contains("--limit") || line.PlanPartitions is not null;
        if (plans && line.Action is not (CommandLineAction.Plan or CommandLineAction.Help or CommandLineAction.Version))
            throw new CommandLineException("--limit and --partitions need --plan");
        if (line._seen.Contains("--scopes") && line.Action is not (CommandLineAction.CreateToken or CommandLineAction.Help or CommandLineAction.Version))
            throw new CommandLineException("--scopes needs --create-token");
        return line;
    }

    private void ReadFlag(IReadOnlyList<string> arguments, ref int index)
    {
        string argument = arguments[index];
        int equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=') : -1;
        string flag = equals < 0 ? argument : argument[..equals];
        string? inline = equals < 0 ? null : argument[(equals + 1)..];
        if (flag.StartsWith("-c", StringComparison.Ordinal) && flag.Length > 2)
            (flag, inline) = ("-c", flag[2..].TrimStart('='));
        flag = flag switch { "-c" => "--config-file", "-h" => "--help", "-V" => "--version", _ => flag };
        if (flag != "--set" && !_seen.Add(flag))
            throw new CommandLineException($"the argument '{flag}' cannot be used multiple times");

        if (TryReadSwitch(flag))
        {
            if (inline is not null)
                throw new CommandLineException($"unexpected value '{inline}' for '{flag}': it takes none");
            return;
        }

        if (flag is not ("--config-file" or "--limit" or "--partitions" or "--set" or "--create-token" or "--scopes") && !Flags.ContainsKey(flag))
            throw new CommandLineException($"unexpected argument '{flag}' found");
        if (inline is null)
        {
            if (index + 1 >= arguments.Count || arguments[index + 1].StartsWith("--", StringComparison.Ordinal))
                throw new CommandLineException($"a value is required for '{flag}' but none was supplied");
            inline = arguments[++index];
        }

        ReadValue(flag, inline);
    }

    private bool TryReadSwitch(string flag)
    {
        switch (flag)
        {
            case "--dump-config":
                Ask(CommandLineAction.DumpConfig, flag);
                return true;
            case "--dump-openapi":
                Ask(CommandLineAction.DumpOpenApi, flag);
                return true;
            case "--plan":
                Ask(CommandLineAction.Plan, flag);
                return true;
            case "--healthcheck":
                Ask(CommandLineAction.HealthCheck, flag);
                return true;
            case "--help":
                Action = CommandLineAction.Help;
                return true;
            case "--version":
                Action = Action == CommandLineAction.Help ? Action : CommandLineAction.Version;
                return true;
            case "--ignore-runtime-overrides":
                IgnoreRuntimeOverrides = true;
                return true;
            case "--demo":
                Demo = true;
                return true;
            default:
                return false;
        }
    }

    private void Ask(CommandLineAction action, string flag)
    {
        string[] asked = [.. PrintFlags.Where(other => other == flag || _seen.Contains(other))];
        if (asked.Length > 1)
            throw new CommandLineException($"the arguments '{asked[0]}' and '{asked[1]}' cannot be used together");
        if (Action == CommandLineAction.Run)
            Action = action;
    }

    private void ReadValue(string flag, string value)
    {
        switch (flag)
        {
            case "--config-file":
                ConfigFile = value.Length > 0 ? value : throw new CommandLineException("a value is required for '--config-file' but none was supplied");
                break;
            case "--create-token":
                Ask(CommandLineAction.CreateToken, flag);
                TokenName = value;
                break;
            case "--scopes":
                TokenScopes = value;
                break;
            case "--limit":
                _values["process-total-memory-size"] = RawValue.FromText(value, "flag --limit");
                break;
            case "--partitions":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int partitions) || partitions is < 1 or > 65_536)
                    throw new CommandLineException($"invalid value '{value}' for '--partitions': expected an integer from 1 to 65536");
                PlanPartitions = partitions;
                break;
            case "--set":
                int equals = value.IndexOf('=');
                if (equals <= 0)
                    throw new CommandLineException($"invalid value '{value}' for '--set': expected key=value, such as --set log-filter=debug");
                string key = value[..equals].Trim();
                _values[key] = RawValue.FromText(value[(equals + 1)..], $"flag --set {key}");
                break;
            default:
                _values[Flags[flag].Key] = RawValue.FromText(value, "flag " + flag);
                break;
        }
    }

    private static string WriteHelp()
    {
        var text = new StringBuilder("A node for Restate's storage and administration\n\n" + Usage + "\n\nOptions:\n");
        Add("-c, --config-file <FILE>", "TOML configuration file [env: RESTATE_CONFIG]");
        foreach ((string flag, ConfigurationOption option) in Flags)
            Add($"    {flag} <{option.Flag!.ToUpperInvariant().Replace('-', '_')}>", $"{option.FlagHelp} [env: {option.EnvironmentVariable}]");
        Add("    --set <KEY=VALUE>", "Any option by its TOML path; may be repeated, the last one counts");
        Add("    --ignore-runtime-overrides", "Leave out changes that were persisted while the node ran");
        Add("    --demo", $"Run with a demo service and a write load, and print a tour; data goes to {DemoDefaults.BaseDir} unless configured");
        Add("    --dump-config", "Print the effective configuration as TOML and exit");
        Add("    --dump-openapi", "Print the OpenAPI document of the admin API and exit");
        Add("    --plan", "Print the memory plan and exit");
        Add("    --limit <SIZE>", "With --plan: memory limit of the process to plan for");
        Add("    --partitions <COUNT>", "With --plan: number of open partitions to plan for");
        Add("    --healthcheck", "Ask the node that runs with these settings for its health and exit: 0 if it is healthy, else 1");
        Add("    --create-token <NAME>", "Make a token for the admin port, print it and its line for admin.auth.token-file, and exit");
        Add("    --scopes <SCOPES>", "With --create-token: query, read, admin after commas; default query,read");
        Add("-h, --help", "Print help");
        Add("-V, --version", "Print version");
        text.Append("\nEvery option is also an environment variable: RESTATE_ADMIN__QUERY_ENGINE__MEMORY_SIZE is admin.query-engine.memory-size.\n");
        return text.ToString();

        void Add(string flag, string help) => text.Append(CultureInfo.InvariantCulture, $"  {flag}\n          {help}\n");
    }
}
