using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Storage.Configuration;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

/// <summary>Every way in which a file is replaced, on the real file system, with a clock of the test's.</summary>
public sealed class ConfigurationFileWatcherTests : ConfigurationFixture
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public Task A_write_in_place_is_seen() => Follow(
        WriteFile("restate.toml", Toml(1024)),
        path => File.WriteAllText(path, Toml(512)));

    [Fact]
    public Task A_rename_over_the_file_is_seen() => Follow(
        WriteFile("restate.toml", Toml(1024)),
        path => File.Move(WriteFile("next.toml", Toml(512)), path, overwrite: true));

    [Fact]
    public Task A_swapped_link_above_the_file_is_seen()
    {
        // As Kubernetes mounts a ConfigMap: restate.toml -> ..data/restate.toml, ..data -> a folder that is replaced as a whole.
        Directory.CreateDirectory(Path.Combine(Folder, "..v1"));
        Directory.CreateDirectory(Path.Combine(Folder, "..v2"));
        WriteFile("..v1/restate.toml", Toml(1024));
        WriteFile("..v2/restate.toml", Toml(512));
        Directory.CreateSymbolicLink(Path.Combine(Folder, "..data"), "..v1");
        string path = Path.Combine(Folder, "restate.toml");
        File.CreateSymbolicLink(path, Path.Combine("..data", "restate.toml"));
        return Follow(path, _ =>
        {
            Directory.CreateSymbolicLink(Path.Combine(Folder, "..data_tmp"), "..v2");

            // .NET does not rename over a link to a folder.
            using var move = Process.Start("mv", ["-T", Path.Combine(Folder, "..data_tmp"), Path.Combine(Folder, "..data")]);
            move.WaitForExit();
            Assert.Equal(0, move.ExitCode);
        });
    }

    [Fact]
    public async Task A_deleted_file_changes_nothing_and_its_return_is_seen()
    {
        string path = WriteFile("restate.toml", Toml(1024));
        await WatchAsync(path, async store =>
        {
            File.Delete(path);
            await TicksAsync(5);
            Assert.Equal((1, ByteSize.FromMiB(1024)), (store.Current.Generation, store.Current.Value.RocksDbTotalMemorySize));
            Assert.Null(store.LastReload);
            File.WriteAllText(path, Toml(512));
            await TicksUntilAsync(() => store.LastReload is not null);
            Assert.Equal(ByteSize.FromMiB(512), store.Current.Value.RocksDbTotalMemorySize);
        });
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("endless")]
    [InlineData("large")]
    [InlineData("folder")]
    [InlineData("loop")]
    public async Task What_is_no_file_of_settings_holds_nothing_up_and_changes_nothing(string what)
    {
        string path = WriteFile("restate.toml", Toml(1024));
        await WatchAsync(path, async store =>
        {
            File.Delete(path);
            switch (what)
            {
                case "pipe":
                    using (var make = Process.Start("mkfifo", [path]))
                    {
                        await make.WaitForExitAsync(TestContext.Current.CancellationToken);
                        Assert.Equal(0, make.ExitCode);
                    }

                    break;
                case "endless":
                    File.CreateSymbolicLink(path, "/dev/zero");
                    break;
                case "large":
                    using (FileStream file = File.Create(path))
                        file.SetLength(1L << 30);
                    break;
                case "folder":
                    Directory.CreateDirectory(path);
                    break;
                default:
                    File.CreateSymbolicLink(path, "restate.toml");
                    break;
            }

            await TicksAsync(5);
            Assert.Null(store.LastReload);

            // Asked for, it says no at once.
            ConfigurationReload reload = await Task.Run(() => store.Reload(_time.GetUtcNow()), TestContext.Current.CancellationToken)
                .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
            Assert.Equal(ReloadOutcome.Refused, reload.Outcome);
            Assert.Equal((1, ByteSize.FromMiB(1024)), (store.Current.Generation, store.Current.Value.RocksDbTotalMemorySize));
            if (what == "folder")
                Directory.Delete(path);
            else
                File.Delete(path);
            File.WriteAllText(path, Toml(512));
            await TicksUntilAsync(() => store.Current.Generation == 2);
            Assert.Equal(ByteSize.FromMiB(512), store.Current.Value.RocksDbTotalMemorySize);
        });
    }

    [Fact]
    public async Task A_bad_file_is_refused_once_and_its_repair_is_seen()
    {
        string path = WriteFile("restate.toml", Toml(1024));
        await WatchAsync(path, async store =>
        {
            File.WriteAllText(path, "rocksdb-total-memory-size = \"many\"");
            await TicksUntilAsync(() => store.LastReload is not null);
            ConfigurationReload refused = store.LastReload!;
            Assert.Equal(ReloadOutcome.Refused, refused.Outcome);
            await TicksAsync(5);
            Assert.Same(refused, store.LastReload);
            File.WriteAllText(path, Toml(512));
            await TicksUntilAsync(() => store.LastReload != refused);
            Assert.Equal(ByteSize.FromMiB(512), store.Current.Value.RocksDbTotalMemorySize);
        });
    }

    [Fact]
    public async Task A_file_that_stays_as_it_is_is_not_reloaded()
    {
        string path = WriteFile("restate.toml", Toml(1024));
        await WatchAsync(path, async store =>
        {
            File.SetLastWriteTimeUtc(path, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
            await TicksAsync(5);
            Assert.Null(store.LastReload);
        });
    }

    private static string Toml(int megabytes) => $"rocksdb-total-memory-size = \"{megabytes} MiB\"\n";

    private Task Follow(string path, Action<string> change) => WatchAsync(path, async store =>
    {
        Assert.Equal(ByteSize.FromMiB(1024), store.Current.Value.RocksDbTotalMemorySize);
        change(path);
        await TicksUntilAsync(() => store.LastReload is not null);
        Assert.Equal((ReloadOutcome.Applied, ByteSize.FromMiB(512)), (store.LastReload!.Outcome, store.Current.Value.RocksDbTotalMemorySize));
    });

    private async Task WatchAsync(string path, Func<ConfigurationStore, Task> test)
    {
        ConfigurationStore store = Load(toml: null, environment: null, "--config-file", path);
        using var watcher = new ConfigurationFileWatcher(store, _time, NullLogger<ConfigurationFileWatcher>.Instance);
        await watcher.StartAsync(TestContext.Current.CancellationToken);
        await test(store);
        await watcher.StopAsync(TestContext.Current.CancellationToken);
    }

    private async Task TicksUntilAsync(Func<bool> reached)
    {
        while (!reached())
            await TicksAsync(1);
    }

    /// <summary>Lets the watcher look: the clock is the test's, the thread it looks on is not.</summary>
    private async Task TicksAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _time.Advance(FollowedFile.Interval);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
