using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Restate.Admin.Api.Logging;
using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Api.Logging;

/// <summary>What stands in the log, over two streams in memory.</summary>
public sealed partial class NodeLoggingTests
{
    private const string Hostile = "x\n2026-01-01T00:00:00.000000Z ERROR forged: y\r\u0085\u2028\e[2J\0";

    [Theory]
    [InlineData("compact")]
    [InlineData("pretty")]
    [InlineData("json")]
    public void Values_forge_no_lines_and_move_no_terminal(string format)
    {
        string text = Written(format, log => Told(log, Hostile, new InvalidOperationException(Hostile)));

        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.True(
            line.Length > 0 && (line.StartsWith("2", StringComparison.Ordinal) || line[0] is ' ' or '{'), line));
        Assert.Single(text.Split('\n'), line => line.StartsWith('2') || line.StartsWith('{'));
        Assert.DoesNotContain(text, c => (char.IsControl(c) && c != '\n') || c is '\u0085' or '\u2028');
    }

    [Fact]
    public void Json_has_the_field_names_of_restate()
    {
        using var line = JsonDocument.Parse(Written("json", log => Told(log, "a \"b\"", new InvalidOperationException("gone"))));

        Assert.Equal(["timestamp", "level", "fields", "target"], line.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Equal("WARN", line.RootElement.GetProperty("level").GetString());
        Assert.Equal("Some.Target", line.RootElement.GetProperty("target").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", line.RootElement.GetProperty("timestamp").GetString());
        JsonElement fields = line.RootElement.GetProperty("fields");
        Assert.Equal("Told a \"b\" in 7 ms", fields.GetProperty("message").GetString());
        Assert.Equal("a \"b\"", fields.GetProperty("some_value").GetString());
        Assert.Equal(7, fields.GetProperty("elapsed_ms").GetInt64());
        Assert.StartsWith("System.InvalidOperationException: gone", fields.GetProperty("exception").GetString());
    }

    [Theory]
    [InlineData("compact")]
    [InlineData("pretty")]
    [InlineData("json")]
    public void A_line_has_a_bound(string format)
    {
        string text = Written(format, log => Told(log, new string('\n', 50_000_000), new InvalidOperationException(new string('"', 50_000_000))));

        Assert.InRange(text.Length, 1000, 64 << 10);
        Assert.Contains("more characters", text);
    }

    [Theory]
    [InlineData("compact")]
    [InlineData("pretty")]
    [InlineData("json")]
    public void Secrets_are_not_written(string format)
    {
        string padding = new('p', 4060);
        string text = Written(format, log =>
        {
            Told(log, "http://user:s3cret@host/path?x=y and Authorization: Bearer s3cret-token", new InvalidOperationException("at https://s3cret@host"));

            // The cut falls into the secret.
            Told(log, padding + " http://user:s3cret@host/", new InvalidOperationException("x"));
        });

        Assert.DoesNotContain("s3cret", text);
        Assert.Contains("http://***@host/path?x=y", text);
        Assert.Contains("Bearer ***", text);
    }

    [Fact]
    public void Level_and_form_follow_the_configuration()
    {
        var store = new ConfigurationStore(new RestateConfiguration { NodeName = "n", LogFilter = "off" }, () => 1L << 30);
        string text = Written(
            log =>
            {
                ILogger logger = log.CreateLogger("Some.Target");
                log.Follow(store);
                Told(logger, "one", null);
                store.Apply(new Dictionary<string, object?> { ["log-filter"] = "warn" }, null, persist: false);
                Told(logger, "two", null);
                store.Apply(new Dictionary<string, object?> { ["log-filter"] = "warn,some.target=off" }, null, persist: false);
                Told(logger, "three", null);
                Told(log.CreateLogger("Other"), "four", null);
                store.Apply(new Dictionary<string, object?> { ["log-filter"] = null, ["log-format"] = "json" }, null, persist: false);
                Told(logger, "five", null);
                store.Apply(new Dictionary<string, object?> { ["log-filter"] = "warn" }, null, persist: false);
                Told(logger, "six", null);
            },
            store.Current.Value);

        string[] lines = text.TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.EndsWith("WARN Some.Target: Told two in 7 ms", lines[0]);
        Assert.EndsWith("WARN Other: Told four in 7 ms", lines[1]);
        Assert.Contains("\"message\":\"Told six in 7 ms\"", lines[2]);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Colours_are_for_terminals_whose_readers_want_them(bool disabled, bool coloured)
    {
        string text = Written(
            log => Told(log.CreateLogger("Some.Target"), "x", null),
            new RestateConfiguration { NodeName = "n", LogDisableAnsiCodes = disabled },
            terminal: true);

        Assert.Equal(coloured, text.Contains('\e'));
    }

    [Fact]
    public void A_reader_that_stands_still_holds_nobody_up_and_is_told_what_it_missed()
    {
        using var still = new ManualResetEventSlim();
        using var error = new StillStream(still);
        using (var output = new LogOutput(Stream.Null, error))
        {
            for (int i = 0; i < 100; i++)
                output.Add(grave: true, new byte[100_000]);
            still.Set();
        }

        string text = Encoding.UTF8.GetString(error.ToArray());
        Assert.InRange(text.Length, 1_000_000, 1_300_000);
        Assert.Matches("[0-9]+ lines of the log were lost", text);
    }

    private static string Written(string format, Action<ILogger> log) =>
        Written(logging => log(logging.CreateLogger("Some.Target")), new RestateConfiguration { NodeName = "n", LogFormat = format });

    private static string Written(Action<NodeLogging> log, RestateConfiguration configuration, bool terminal = false)
    {
        using var error = new MemoryStream();
        using (var logging = new NodeLogging(configuration, TimeProvider.System, new LogOutput(Stream.Null, error), terminal, terminal))
            log(logging);
        return Encoding.UTF8.GetString(error.ToArray());
    }

    [LoggerMessage(LogLevel.Warning, "Told {SomeValue} in {ElapsedMs} ms")]
    private static partial void Told(ILogger logger, string someValue, int elapsedMs, Exception? failure);

    private static void Told(ILogger logger, string someValue, Exception? failure) => Told(logger, someValue, 7, failure);

    private sealed class StillStream(ManualResetEventSlim still) : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            still.Wait();
            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            still.Wait();
            base.Write(buffer);
        }
    }
}
