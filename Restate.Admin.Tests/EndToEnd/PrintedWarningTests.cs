using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Who looks at a configuration before it is used sees what is wrong with it.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class PrintedWarningTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("--dump-config")]
    [InlineData("--plan")]
    public async Task Warnings_of_the_configuration_are_printed_and_the_variables_of_Restates_client_are_none(string flag)
    {
        var environment = new Dictionary<string, string>
        {
            ["RESTATE_ROCKSDB_TOTL_MEMORY_SIZE"] = "1 GiB",
            ["RESTATE_ADMIN_URL"] = "http://localhost:9070",
            ["RESTATE_AUTH_TOKEN"] = "secret",
        };
        await using ChildProcess program = ServerProcess.LaunchBare(environment, onLine: null, flag);
        Assert.Equal(0, await program.WaitAsync(Cancelled));
        string warning = Assert.Single(program.Output.Split('\n'), line => line.StartsWith("warning: ", StringComparison.Ordinal));
        Assert.Equal(
            "warning: key \"rocksdb-totl-memory-size\" in environment variable RESTATE_ROCKSDB_TOTL_MEMORY_SIZE is unknown, did you mean \"rocksdb-total-memory-size\"?",
            warning);
    }
}
