using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Prometheus;
using Restate.Admin.Api.Security;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Api.Security;

public sealed class AuditLogTests : IDisposable
{
    private static readonly AuditEntry Entry = new(
        DateTimeOffset.UnixEpoch, "ops", "10.0.0.1", "PATCH /x", 200, new JsonObject { ["a"] = 1 }, new JsonObject { ["a"] = "\"\n<2>" });

    private readonly TemporaryFolder _folder = new();
    private readonly AccessMetrics _metrics = new(Metrics.NewCustomRegistry());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_change_is_one_line_of_json()
    {
        using (AuditLog log = Create())
        {
            log.Record(Entry, isState: false);
            log.Record(Entry with { Actor = null, Before = null, Status = null }, isState: false);
            log.Record(Entry, isState: true);
            Assert.Equal((3, 0), (_metrics.AuditRecords.Value, _metrics.AuditFailures.Value));
        }

        string[] lines = File.ReadAllLines(Path.Combine(_folder.Path, "n1", AuditLog.FileName));
        Assert.Equal(2, lines.Length);
        JsonElement first = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal(
            """["1970-01-01T00:00:00Z","ops","10.0.0.1","PATCH /x",200,{"a":1}]""",
            JsonSerializer.Serialize(first.EnumerateObject().Take(6).Select(field => field.Value)));
        Assert.Equal("\"\n<2>", first.GetProperty("after").GetProperty("a").GetString());
        JsonElement second = JsonDocument.Parse(lines[1]).RootElement;
        Assert.Equal(JsonValueKind.Null, second.GetProperty("actor").ValueKind);
        Assert.Equal(JsonValueKind.Null, second.GetProperty("status").ValueKind);
        Assert.Single(File.ReadAllLines(Path.Combine(_folder.Path, "n1", AuditLog.StateFileName)));
    }

    [Fact]
    public void A_value_that_is_too_long_is_left_out_and_its_length_told()
    {
        using (AuditLog log = Create())
            log.Record(Entry with { After = new string('x', 70_000) }, isState: false);

        JsonElement line = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Path, "n1", AuditLog.FileName))).RootElement;
        Assert.Equal("70002 bytes, too long for this log", line.GetProperty("after").GetString());
    }

    [Fact]
    public void A_line_that_cannot_be_written_is_counted()
    {
        using AuditLog log = Create();
        Directory.CreateDirectory(Path.Combine(_folder.Path, "n1", AuditLog.FileName));
        log.Record(Entry, isState: false);
        Assert.Equal((0, 1), (_metrics.AuditRecords.Value, _metrics.AuditFailures.Value));
    }

    [Fact]
    public void The_file_and_the_one_before_are_bounded_and_lines_stay_whole()
    {
        string path = _folder.Inside("a.log");
        using (var file = new AuditFile(path, maxBytes: 100))
        {
            for (int i = 0; i < 50; i++)
                file.Append(System.Text.Encoding.UTF8.GetBytes($"line {i:00}\n"));
        }

        using (var file = new AuditFile(path, maxBytes: 100))
            file.Append("line 50\n"u8);
        Assert.InRange(new FileInfo(path).Length, 1, 100);
        Assert.InRange(new FileInfo(path + ".1").Length, 1, 100);
        string[] kept = [.. File.ReadAllLines(path + ".1"), .. File.ReadAllLines(path)];
        Assert.Equal(Enumerable.Range(51 - kept.Length, kept.Length).Select(i => $"line {i:00}"), kept);
        Assert.InRange(kept.Length, 13, 24);
    }

    private AuditLog Create()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "n1"));
        var configuration = new ConfigurationStore(new RestateConfiguration { NodeName = "n1", BaseDir = _folder.Path }, () => 1L << 30);
        return new AuditLog(configuration, _metrics, TimeProvider.System, NullLogger<AuditLog>.Instance);
    }
}
