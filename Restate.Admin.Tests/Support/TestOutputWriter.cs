using System.Text;
using Xunit;

namespace Restate.Admin.Tests.Support;

/// <summary>Gives the lines a scenario writes to the output of the running test.</summary>
internal sealed class TestOutputWriter : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => TestContext.Current.TestOutputHelper?.Write(value.ToString());

    public override void Write(string? value) => TestContext.Current.TestOutputHelper?.Write(value ?? string.Empty);

    public override void WriteLine(string? value) => TestContext.Current.TestOutputHelper?.WriteLine(value ?? string.Empty);

    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }
}
