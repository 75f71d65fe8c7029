using System.Text.RegularExpressions;
using Restate.Admin.Api;
using Restate.Admin.Tests.Storage.Configuration;
using Restate.Storage.Configuration;
using Restate.Storage.Memory;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>Every figure of <c>docs/memory.md</c> comes from the program.</summary>
public sealed class MemoryDocumentTests : ConfigurationFixture
{
    private const string Document = "memory.md";

    private static readonly Dictionary<string, Func<string>> Parts = new()
    {
        ["recommended"] = MemoryTables.Recommended,
        ["plan"] = () => "```\n" + Plan("512MiB", "128") + "```",
        ["example"] = () => "```toml\n" + MemoryRecommendation.For(MemoryTables.Defaults, MemoryTables.LimitOf(ByteSize.FromGiB(1)), 24)!.ToToml() + "```",
        ["constants"] = MemoryTables.Constants,
        ["split-default"] = () => MemoryTables.Split(2L << 30, 24),
        ["split-small"] = () => MemoryTables.Split(256L << 20, 24),
        ["partitions"] = MemoryTables.Partitions,
        ["guard-steps"] = MemoryTables.GuardSteps,
        ["guard-marks"] = MemoryTables.GuardMarks,
    };

    public static TheoryData<string> PartNames => [.. Parts.Keys];

    public static TheoryData<ulong, int> Containers
    {
        get
        {
            var data = new TheoryData<ulong, int>();
            foreach ((ByteSize limit, int partitions) in MemoryTables.Containers)
                data.Add(limit.Bytes, partitions);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(PartNames))]
    public void A_table_is_what_the_program_computes(string part) => GeneratedDocument.Read(Document).Holds(part, Parts[part]());

    [Fact]
    public void No_part_is_computed_by_nobody() =>
        Assert.Equal(Parts.Keys.Order(StringComparer.Ordinal), GeneratedDocument.Read(Document).Parts.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Containers))]
    public void Recommended_settings_load_as_they_are_and_give_no_warning(ulong limitBytes, int partitions)
    {
        ProcessMemoryLimit limit = MemoryTables.LimitOf(new ByteSize(limitBytes));
        MemoryRecommendation settings = MemoryRecommendation.For(MemoryTables.Defaults, limit, partitions)!;
        ConfigurationStore store = Load(settings.ToToml(), environment: null, "--set", $"process-total-memory-size={limitBytes}");
        Assert.Empty(store.Current.Warnings);
        MemoryForecast forecast = MemoryForecast.Compute(store.Current.Value, limit, partitions);
        Assert.Empty(forecast.Plan.Warnings);
        Assert.InRange((double)forecast.PlannedBytes / limitBytes, 0.7, 0.86);

        // The node itself would have the same table of pools: sizes come from the file and nothing is clamped.
        Assert.Equal(settings.RocksDb.ToInt64(), forecast.Plan.TotalBytes);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(380)]
    public void Where_nothing_fits_nothing_is_recommended(int mebibytes) =>
        Assert.Null(MemoryRecommendation.For(MemoryTables.Defaults, MemoryTables.LimitOf(ByteSize.FromMiB((ulong)mebibytes)), 24));

    [Fact]
    public void Every_warning_that_exists_is_explained_and_no_other() => Assert.Equal(
        MemoryWarningCodes.All, GeneratedDocument.Read(Document).Rows("Warnings").Select(row => row[0].Trim('`')));

    [Fact]
    public void Every_example_of_a_file_loads_without_a_warning()
    {
        MatchCollection examples = Regex.Matches(GeneratedDocument.Read(Document).Text, "```toml\n(.*?)```", RegexOptions.Singleline);
        Assert.Equal(2, examples.Count);
        Assert.All(examples, example => Assert.Empty(Load(example.Groups[1].Value).Current.Warnings));
    }

    private static string Plan(string limit, string partitions)
    {
        string folder = Directory.CreateTempSubdirectory("restate-plan-").FullName;
        try
        {
            var line = CommandLine.Parse(["--plan", "--limit", limit, "--partitions", partitions, "--base-dir", folder]);
            ConfigurationStore store = ConfigurationLoader.Load(line, new Dictionary<string, string>(), "host-1", () => ProcessLimit);
            return PlanText.Write(store.Current.Value, line.PlanPartitions);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
