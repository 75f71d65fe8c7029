using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

public sealed class CommandLineTests : ConfigurationFixture
{
    [Theory]
    [InlineData(CommandLineAction.Run)]
    [InlineData(CommandLineAction.Run, "--demo", "--ignore-runtime-overrides")]
    [InlineData(CommandLineAction.DumpConfig, "--dump-config")]
    [InlineData(CommandLineAction.Plan, "--plan")]
    [InlineData(CommandLineAction.Plan, "--limit", "512MiB", "--partitions", "128", "--plan")]
    [InlineData(CommandLineAction.HealthCheck, "--healthcheck")]
    [InlineData(CommandLineAction.HealthCheck, "--bind-port", "7", "--healthcheck")]
    [InlineData(CommandLineAction.Help, "--help")]
    [InlineData(CommandLineAction.Help, "-h", "--dump-config", "--version")]
    [InlineData(CommandLineAction.Help, "--version", "--plan", "--help")]
    [InlineData(CommandLineAction.Version, "--version")]
    [InlineData(CommandLineAction.Version, "--dump-config", "-V")]
    public void Says_what_to_do(CommandLineAction action, params string[] arguments) =>
        Assert.Equal(action, CommandLine.Parse(arguments).Action);

    [Theory]
    [InlineData("--config-file", "a.toml")]
    [InlineData("--config-file=a.toml")]
    [InlineData("-c", "a.toml")]
    [InlineData("-ca.toml")]
    [InlineData("-c=a.toml")]
    public void Takes_the_config_file_in_every_form(params string[] arguments) =>
        Assert.Equal("a.toml", CommandLine.Parse(arguments).ConfigFile);

    [Fact]
    public void Keeps_what_is_asked_besides_options()
    {
        CommandLine line = CommandLine.Parse(["--plan", "--partitions", "128", "--demo", "--ignore-runtime-overrides"]);
        Assert.Equal(128, line.PlanPartitions);
        Assert.True(line.Demo);
        Assert.True(line.IgnoreRuntimeOverrides);
        CommandLine empty = CommandLine.Parse([]);
        Assert.Null(empty.PlanPartitions);
        Assert.Null(empty.ConfigFile);
        Assert.False(empty.Demo);
        Assert.False(empty.IgnoreRuntimeOverrides);
    }

    [Fact]
    public void The_limit_to_plan_for_is_the_process_limit()
    {
        RestateConfiguration value = LoadValue("process-total-memory-size = \"8 GiB\"\n", null, "--plan", "--limit", "512MiB");
        Assert.Equal("512.0 MiB", value.ProcessTotalMemorySize.ToString());
    }

    [Fact]
    public void The_last_set_of_a_key_counts() =>
        Assert.Equal(3, LoadValue(null, null, "--default-num-partitions", "2", "--set", "default-num-partitions=1", "--set", " default-num-partitions = 3 ")
            .DefaultNumPartitions);

    [Fact]
    public void A_value_may_hold_an_equals_sign() =>
        Assert.Equal("warn,a=info", LoadValue(null, null, "--log-filter=warn,a=info").LogFilter);

    [Theory]
    [InlineData("unexpected argument '--nope' found", "--nope")]
    [InlineData("unexpected argument '--nope' found", "--nope=1")]
    [InlineData("unexpected argument 'run' found", "run")]
    [InlineData("unexpected argument '--' found", "--")]
    [InlineData("unexpected argument '-x' found", "-x")]
    [InlineData("unexpected argument '' found", "")]
    [InlineData("a value is required for '--node-name'", "--node-name")]
    [InlineData("a value is required for '--node-name'", "--node-name", "--plan")]
    [InlineData("a value is required for '--config-file'", "--config-file", "")]
    [InlineData("a value is required for '--set'", "--set")]
    [InlineData("invalid value 'x' for '--set'", "--set", "x")]
    [InlineData("invalid value '=x' for '--set'", "--set", "=x")]
    [InlineData("the argument '--bind-port' cannot be used multiple times", "--bind-port", "1", "--bind-port", "2")]
    [InlineData("the argument '--config-file' cannot be used multiple times", "-c", "a", "--config-file", "b")]
    [InlineData("unexpected value 'yes' for '--demo'", "--demo=yes")]
    [InlineData("the arguments '--dump-config' and '--plan' cannot be used together", "--plan", "--dump-config")]
    [InlineData("the arguments '--dump-config' and '--dump-openapi' cannot be used together", "--dump-openapi", "--dump-config")]
    [InlineData("the arguments '--dump-openapi' and '--plan' cannot be used together", "--dump-openapi", "--plan")]
    [InlineData("the argument '--dump-openapi' cannot be used multiple times", "--dump-openapi", "--dump-openapi")]
    [InlineData("--limit and --partitions need --plan", "--dump-openapi", "--limit", "1GiB")]
    [InlineData("the arguments '--healthcheck' and '--plan' cannot be used together", "--healthcheck", "--plan")]
    [InlineData("--limit and --partitions need --plan", "--healthcheck", "--limit", "1GiB")]
    [InlineData("--limit and --partitions need --plan", "--limit", "1GiB")]
    [InlineData("--limit and --partitions need --plan", "--dump-config", "--partitions", "5")]
    [InlineData("invalid value '0' for '--partitions': expected an integer from 1 to 65536", "--plan", "--partitions", "0")]
    [InlineData("invalid value '-1' for '--partitions'", "--plan", "--partitions=-1")]
    public void Refuses_with_a_usage_line(string problem, params string[] arguments)
    {
        string message = Assert.Throws<CommandLineException>(() => CommandLine.Parse(arguments)).Message;
        Assert.StartsWith("error: " + problem, message);
        Assert.Contains(CommandLine.Usage, message);
    }

    [Fact]
    public void Help_names_every_flag_it_takes()
    {
        foreach (string flag in new[]
        {
            "--config-file", "--base-dir", "--node-name", "--cluster-name", "--bind-address", "--bind-ip", "--bind-port", "--admin-bind-address",
            "--default-num-partitions", "--dump-config", "--dump-openapi", "--ignore-runtime-overrides", "--plan", "--limit", "--partitions", "--demo", "--help",
            "--version", "--set", "--log-filter", "--log-format", "--log-disable-ansi-codes", "--shutdown-timeout",
        })
            Assert.Contains($" {flag}", CommandLine.Help);
        Assert.Contains("RESTATE_ADMIN__BIND_ADDRESS", CommandLine.Help);
    }

    [Fact]
    public void Exit_codes_are_those_of_restate()
    {
        Assert.Equal(2, CommandLineException.ExitCode);
        Assert.Equal(1, ConfigurationLoadException.ExitCode);
    }
}
