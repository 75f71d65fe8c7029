using Restate.Admin.Api.Demo;
using Xunit;

namespace Restate.Admin.Tests.Api.Demo;

public sealed class TextTableTests
{
    [Fact]
    public void Text_is_aligned_left_and_numbers_right() => Assert.Equal(
        [
            "city    carts  note",
            "Oslo        7  x",
            "Lisbon  1,234",
        ],
        TextTable.Format(
            [new TextColumn("city"), new TextColumn("carts", IsNumber: true), new TextColumn("note")],
            [["Oslo", "7", "x"], ["Lisbon", "1,234", ""]]));

    [Fact]
    public void A_table_without_rows_is_its_heads() =>
        Assert.Equal(["a  b"], TextTable.Format([new TextColumn("a"), new TextColumn("b")], []));

    [Fact]
    public void Stored_data_cannot_command_a_terminal_or_break_a_line() => Assert.Equal(
        ["value   n", "a?[2J?  1", "??      2"],
        TextTable.Format([new TextColumn("value"), new TextColumn("n")], [["a\u001b[2J\n", "1"], ["\ud83d\ude00", "2"]]));

    [Fact]
    public void A_long_cell_is_cut()
    {
        string line = TextTable.Format([new TextColumn("value")], [[new string('x', 500)]])[1];
        Assert.Equal(48, line.Length);
        Assert.EndsWith("x…", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_row_of_another_length() =>
        Assert.Throws<ArgumentException>(() => TextTable.Format([new TextColumn("a")], [["1", "2"]]));
}
