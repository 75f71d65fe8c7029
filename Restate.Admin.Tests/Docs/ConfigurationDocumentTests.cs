using Restate.Admin.Tests.Storage.Configuration;
using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary><c>docs/configuration.md</c> is what the program knows of its options, and its examples load.</summary>
public sealed class ConfigurationDocumentTests : ConfigurationFixture
{
    private const string Document = "configuration.md";

    private static readonly Dictionary<string, Func<string>> Parts = new()
    {
        ["options"] = ConfigurationTables.Options,
        ["names"] = ConfigurationTables.Names,
        ["without-effect"] = ConfigurationTables.WithoutEffect,
    };

    public static TheoryData<string> PartNames => [.. Parts.Keys];

    [Theory]
    [MemberData(nameof(PartNames))]
    public void A_table_is_what_the_program_knows(string part) => GeneratedDocument.Read(Document).Holds(part, Parts[part]());

    [Fact]
    public void No_part_is_computed_by_nobody() =>
        Assert.Equal(Parts.Keys.Order(StringComparer.Ordinal), GeneratedDocument.Read(Document).Parts.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_option_is_described_in_a_phrase() => Assert.All(ConfigurationOptions.All, option =>
    {
        Assert.InRange(option.Description.Length, 10, 160);
        Assert.False(option.Description.EndsWith('.') || option.Description.Contains('|', StringComparison.Ordinal), option.Key);
    });

    [Fact]
    public void Every_example_of_a_file_in_any_document_loads_without_a_warning()
    {
        MarkdownBlock[] examples = [.. MarkdownFile.Names.SelectMany(name => MarkdownFile.Read(name).Blocks).Where(block => block.Language == "toml")];
        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(Load(example.Text).Current.Warnings));
    }
}
