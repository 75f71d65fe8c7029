using System.Text.RegularExpressions;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.EndToEnd;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.Docs;

/// <summary>The commands of the documents, in their order, as a shell runs them, against a node of their own.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class CommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("memory.md", 10)]
    [InlineData("metrics.md", 1)]
    [InlineData("sql.md", 5)]
    public async Task Every_command_succeeds_and_prints_something(string document, int least)
    {
        string[] commands = [.. Regex.Matches(GeneratedDocument.Read(document).Text, "^( *)```sh\n(.*?)^ *```", RegexOptions.Singleline | RegexOptions.Multiline)
            .SelectMany(block => block.Groups[2].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        Assert.True(commands.Length >= least, $"{document} has {commands.Length} commands");
        if (commands.Any(command => command.Contains(" restate ", StringComparison.Ordinal)))
            Installed.RequireCli();
        await using ServerProcess node = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled, "--default-num-partitions", "2");
        foreach (string command in commands)
        {
            string run = command
                .Replace("localhost:9070", node.Admin.AdminUri.Authority, StringComparison.Ordinal)
                .Replace("localhost:5122", node.Admin.NodeUri.Authority, StringComparison.Ordinal)
                .Replace(" restate ", $" DO_NOT_TRACK=1 HOME='{_folder.Path}' '{PeerInstall.At(directory: null).CliProgram}' ", StringComparison.Ordinal)
                .Replace("dotnet run -c Release --project Restate.Admin.Api --", $"'{Repository.DotnetHost()}' '{Repository.ServerProgram()}'", StringComparison.Ordinal);
            Assert.True(run != command, $"{command}: names neither a port nor the program");
            await using ChildProcess shell = ChildProcess.Start("/bin/sh", ["-c", run]);
            int code = await shell.WaitAsync(Cancelled);
            Assert.True(code == 0, $"{document}: {command}\nexit code {code}\n{shell.Output}");
            Assert.True(shell.Output.Trim().Length > 0, $"{document}: {command}\nprinted nothing");
        }
    }
}
