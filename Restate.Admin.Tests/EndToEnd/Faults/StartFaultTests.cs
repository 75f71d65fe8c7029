using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Golden;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Memory;
using Restate.Storage.Rocks;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Faults;

/// <summary>What a start finds wrong: taken ports, folders that cannot be used, data of another version.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class StartFaultTests : IDisposable
{
    private const string Nobody = "65534";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--admin-bind-address", "admin.bind-address")]
    [InlineData("--bind-address", "bind-address")]
    public async Task A_taken_port_is_named_and_nothing_is_created(string flag, string key)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        string address = other.LocalEndpoint.ToString()!;
        string[] free = flag == "--bind-address" ? ["--admin-bind-address", "127.0.0.1:0"] : ["--bind-address", "127.0.0.1:0"];
        await using ChildProcess program = ServerProcess.LaunchBare(
            environment: null, onLine: null, ["--base-dir", _folder.Inside("data"), flag, address, .. free]);

        string line = await FaultNode.RefusalAsync(program);
        Assert.StartsWith($"cannot listen on {key} = {address}: Address already in use; stop the program that uses it", line, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Inside("data")));
    }

    [Fact]
    public async Task One_address_for_both_ports_is_named_and_nothing_is_created()
    {
        string address;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            address = free.LocalEndpoint.ToString()!;
        }

        await using ChildProcess program = ServerProcess.LaunchBare(
            environment: null, onLine: null, ["--base-dir", _folder.Inside("data"), "--admin-bind-address", address, "--bind-address", address]);
        Assert.StartsWith($"cannot listen on bind-address = {address}: Address already in use", await FaultNode.RefusalAsync(program), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.Inside("data")));
    }

    [Fact]
    public async Task A_base_dir_that_is_a_file_is_named()
    {
        await File.WriteAllTextAsync(_folder.Inside("file"), "x", Cancelled);
        await using var node = new FaultNode(_folder.Inside("file"));

        Assert.StartsWith($"base-dir: cannot create the node's directory {_folder.Inside("file")}/n1: ", await node.RefusedAsync(), StringComparison.Ordinal);
        Assert.Equal("x", await File.ReadAllTextAsync(_folder.Inside("file"), Cancelled));
    }

    [Fact]
    public async Task A_folder_that_this_user_may_not_write_is_named()
    {
        Assert.SkipUnless(Environment.UserName == "root" && File.Exists("/usr/bin/setpriv"), "needs root and setpriv (util-linux) to run the node as another user");
        await using var node = new FaultNode(_folder.Inside("data"));
        await node.StartAsync();
        await node.AcknowledgedAsync("k", 5);
        await node.StopAsync();
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        await using ChildProcess program = ChildProcess.Start(
            "/usr/bin/setpriv",
            [
                "--reuid", Nobody, "--regid", Nobody, "--clear-groups", Repository.DotnetHost(), Repository.ServerProgram(), "--base-dir", node.BaseDirectory,
                "--node-name", "n1", "--bind-address", "127.0.0.1:0", "--admin-bind-address", "127.0.0.1:0",
            ]);
        string line = await FaultNode.RefusalAsync(program);
        Assert.StartsWith($"base-dir: this user may not write in {node.BaseDirectory}/n1: ", line, StringComparison.Ordinal);

        await node.StartAsync();
        await node.HoldsWhatWasAcknowledgedAsync();
    }

    [Theory]
    [InlineData("log-store", 2u, "database log-server has format version 2; this build reads up to 1: start a newer build")]
    [InlineData("log-store", 0u, "database log-server: its format version is damaged")]
    [InlineData("metadata-store", 9u, "database metadata-server has format version 9; this build reads up to 1: start a newer build")]
    public async Task Data_of_a_newer_format_is_refused_and_left_as_it_is(string database, uint version, string message)
    {
        await using var node = new FaultNode(_folder.Path);
        await node.StartAsync();
        await node.AcknowledgedAsync("k", 5);
        await node.StopAsync();
        WriteVersion(node.Database(database), version);
        Assert.Equal(message, await node.RefusedAsync());

        WriteVersion(node.Database(database), 1);
        await node.StartAsync();
        await node.HoldsWhatWasAcknowledgedAsync();
    }

    [Fact]
    public async Task Data_of_an_earlier_build_opens_with_its_rows()
    {
        TestDatabases.CopyTree(GoldenFiles.PathOf("node-v1"), _folder.Inside("data"));
        int rows = (await File.ReadAllLinesAsync(GoldenFiles.PathOf("node-v1.rows"), Cancelled)).Length;
        await using ServerProcess server = await ServerProcess.StartOursAsync(_folder.Inside("data"), Cancelled);

        Assert.Equal(rows, (await server.Sql.RowsAsync("select count(*) as n from state", Cancelled))[0].GetProperty("n").GetInt32());
    }

    private static void WriteVersion(string directory, uint version)
    {
        using var rocks = new RocksDbManager(64 << 20, 32 << 20, maxOpenFiles: 20);
        using RocksDatabase database = rocks.Open(
            new DatabaseSpec("copy", directory, DatabaseProfile.Metadata, MemoryComponent.MetadataServer, null, TestDatabases.Settings));
        byte[] value = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(value, version);
        using var batch = new RocksBatch();
        batch.Put([0x00, 0x01], value);
        database.Write(batch, WriteDurability.Synced);
    }
}
