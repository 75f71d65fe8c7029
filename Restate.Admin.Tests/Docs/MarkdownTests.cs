using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>The tests of the documents are no better than what they read of them.</summary>
public sealed class MarkdownTests
{
    private const string Page = """
        # A page: with `code` & more

        See [one](a.md#there) and `[no](link.md)`.

        ```sh
        echo 1
        # no heading
        ```

        It prints

        ```
        1
        ```

        <a id="own"></a>
        ## A page: with `code` & more

        - item

          ```sh
          echo 2
          ```

        ```toml
        a = "[no](link.md)"
        ```

        ```json
        {}
        ```
        """;

    [Fact]
    public void A_page_is_taken_apart()
    {
        MarkdownFile file = MarkdownFile.Parse("p.md", Page);
        Assert.Equal(["a-page-with-code--more", "a-page-with-code--more-1", "own"], file.Anchors.Order(StringComparer.Ordinal));
        Assert.Equal([new MarkdownLink(3, "a.md#there")], file.Links);
        Assert.Equal(["sh", "", "sh", "toml", "json"], file.Blocks.Select(block => block.Language));
        Assert.Equal("echo 1\n# no heading\n", file.Blocks[0].Text);
        Assert.Equal("1\n", file.Blocks[0].Output?.Text);
        Assert.Equal("echo 2\n", file.Blocks[2].Text);
        Assert.All(file.Blocks.Skip(1), block => Assert.Null(block.Output));
    }

    [Fact]
    public void Commands_behind_a_prompt_are_told_from_what_they_print()
    {
        MarkdownBlock block = Assert.Single(MarkdownFile.Parse("p.md", "```console\n$ echo 1 \\\n  2\n1 2\n$ echo 3\n3\n```\n").Blocks);
        Assert.True(block.IsCommands);
        Assert.Equal("echo 1 \\\n  2\necho 3\n", block.Text);
        Assert.Equal("1 2\n3\n", block.Output?.Text);
    }

    [Fact]
    public void An_open_fence_is_refused() =>
        Assert.Contains("p.md:2", Assert.Throws<FormatException>(() => MarkdownFile.Parse("p.md", "text\n```sh\necho\n")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("rocksdb   2.0 GiB  23.8 MiB  default", "  rocksdb  512.0 MiB  1 B  default")]
    [InlineData("a\n…\nc", "a\nb\nb\nc")]
    [InlineData("ID dp_14VPos0aFXG at 2026-11-25T07:42:32Z", "ID dp_9 at 2027-01-01T00:00:00.123Z")]
    [InlineData("expected … \"40%\"", "expected a number or \"35%\"")]
    [InlineData("applied after 1.6 s", "applied after 250 ms")]
    public void Text_of_the_same_shape_is_the_same(string shown, string printed) => Assert.Null(Difference("", shown, printed));

    [Theory]
    [InlineData("a\nb", "b\na")]
    [InlineData("rocksdb 1", "rocks 1")]
    [InlineData("a b", "a b c")]
    public void Text_of_another_shape_is_not(string shown, string printed) => Assert.NotNull(Difference("", shown, printed));

    [Theory]
    [InlineData("""{"a": 1}""", """{"b": "x", "a": 2}""")]
    [InlineData("""{"a": [{"n": "x"}]}""", """{"a": [{"m": 1}, {"n": "y"}]}""")]
    [InlineData("""{"a": null, "b": true}""", """{"a": 5, "b": false}""")]
    [InlineData("""{"a": []}""", """{"a": []}""")]
    public void Documents_with_the_members_shown_are_the_same(string shown, string printed) => Assert.Null(Difference("json", shown, printed));

    [Theory]
    [InlineData("""{"a": 1}""", """{"a": "1"}""")]
    [InlineData("""{"a": 1}""", "{}")]
    [InlineData("""{"a": [{"n": 1}]}""", """{"a": []}""")]
    [InlineData("""{"a": [{"n": 1}]}""", """{"a": [{"m": 1}]}""")]
    public void Documents_without_them_are_not(string shown, string printed) => Assert.NotNull(Difference("json", shown, printed));

    private static string? Difference(string language, string shown, string printed) =>
        OutputShape.Difference(new MarkdownBlock("p.md", 1, language, shown), printed);
}
