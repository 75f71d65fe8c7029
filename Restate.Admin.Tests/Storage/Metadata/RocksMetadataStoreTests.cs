using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Metadata;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Metadata;

public sealed class RocksMetadataStoreTests : IDisposable
{
    private readonly TestDatabases _databases = new();
    private RocksMetadataStore _store;

    public RocksMetadataStoreTests() => _store = Open("metadata");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _databases.Dispose();
    }

    [Fact]
    public async Task Versions_count_the_puts_of_a_key()
    {
        Assert.Null(await _store.GetAsync("k", Cancel));
        Assert.Equal(1U, await PutAsync("k", "a", Precondition.DoesNotExist));
        Assert.Equal(2U, await PutAsync("k", "b", Precondition.None));
        Assert.Equal(3U, await PutAsync("k", string.Empty, Precondition.Matches(2)));
        Assert.Equal(1U, await PutAsync("k2", "other", Precondition.None));
        Assert.Equal((3U, string.Empty), await GetAsync("k"));
        Assert.Equal((1U, "other"), await GetAsync("k2"));
    }

    [Fact]
    public async Task A_precondition_that_does_not_hold_changes_nothing_and_says_what_is_there()
    {
        await PutAsync("k", "a", Precondition.None);
        Assert.Equal("metadata key 'k': expected no value, found version 1", await FailAsync(() => PutAsync("k", "b", Precondition.DoesNotExist)));
        Assert.Equal("metadata key 'k': expected version 2, found version 1", await FailAsync(() => PutAsync("k", "b", Precondition.Matches(2))));
        Assert.Equal("metadata key 'x': expected version 1, found no value", await FailAsync(() => PutAsync("x", "b", Precondition.Matches(1))));
        Assert.Equal(
            "metadata key 'k': expected version 7, found version 1",
            await FailAsync(() => _store.DeleteAsync("k", Precondition.Matches(7), Cancel).AsTask()));
        Assert.Equal((1U, "a"), await GetAsync("k"));
        Assert.Null(await _store.GetAsync("x", Cancel));
    }

    [Fact]
    public async Task Deleting_removes_the_value_and_is_no_error_without_one()
    {
        await PutAsync("k", "a", Precondition.None);
        await _store.DeleteAsync("k", Precondition.Matches(1), Cancel);
        Assert.Null(await _store.GetAsync("k", Cancel));
        await _store.DeleteAsync("k", Precondition.None, Cancel);
        await _store.DeleteAsync("k", Precondition.DoesNotExist, Cancel);
        Assert.Equal(1U, await PutAsync("k", "b", Precondition.DoesNotExist));
    }

    [Fact]
    public async Task Of_many_who_compare_and_set_each_step_has_one_winner()
    {
        await PutAsync("counter", "0", Precondition.None);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await Task.Yield();
            for (int done = 0; done < 25;)
            {
                (uint version, string value) = (await GetAsync("counter"))!.Value;
                try
                {
                    await PutAsync("counter", (int.Parse(value, null) + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), Precondition.Matches(version));
                    done++;
                }
                catch (PreconditionFailedException)
                {
                    Cancel.ThrowIfCancellationRequested();
                }
            }
        }));
        Assert.Equal((201U, "200"), await GetAsync("counter"));
    }

    [Fact]
    public async Task Values_and_versions_survive_closing_and_a_kill()
    {
        await PutAsync("k", "a", Precondition.None);
        await PutAsync("k", "b", Precondition.None);
        TestDatabases.CopyTree(Path.Combine(_databases.Directory, "metadata"), Path.Combine(_databases.Directory, "copy"));
        _store.Dispose();
        foreach (string directory in (string[])["metadata", "copy"])
        {
            _store.Dispose();
            _store = Open(directory);
            Assert.Equal((2U, "b"), await GetAsync("k"));
        }
    }

    [Fact]
    public async Task A_value_handed_out_does_not_change_with_the_next_put()
    {
        byte[] bytes = [1, 2, 3];
        await _store.PutAsync("k", bytes, Precondition.None, Cancel);
        bytes[0] = 9;
        VersionedValue first = (await _store.GetAsync("k", Cancel))!.Value;
        await _store.PutAsync("k", bytes, Precondition.None, Cancel);
        Assert.Equal([1, 2, 3], first.Bytes.ToArray());
    }

    [Fact]
    public async Task A_value_without_a_version_is_damaged()
    {
        _store.Dispose();
        RocksDatabase database = _databases.Open("metadata", DatabaseProfile.Metadata);
        TestDatabases.Put(database, [0x02, 0x00, (byte)'k'], [0, 0], WriteDurability.Synced);
        _store = new RocksMetadataStore(database);
        Assert.Equal("metadata key 'k' is damaged: it has no version", (await Assert.ThrowsAsync<StorageException>(async () => await GetAsync("k"))).Message);
        await Assert.ThrowsAsync<StorageException>(() => PutAsync("k", "a", Precondition.None));
    }

    [Fact]
    public async Task A_cancelled_call_changes_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await _store.PutAsync("k", new byte[1], Precondition.None, cancelled));
        Assert.Null(await _store.GetAsync("k", Cancel));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        _store.Dispose();
        Assert.Equal("database metadata is closed", (await Assert.ThrowsAsync<StorageException>(() => PutAsync("k", "a", Precondition.None))).Message);
    }

    [Fact]
    public void A_store_of_a_newer_format_is_refused_and_its_database_closed()
    {
        _store.Dispose();
        RocksDatabase database = _databases.Open("metadata", DatabaseProfile.Metadata);
        TestDatabases.Put(database, [0x00, 0x01], [0, 0, 0, 2], WriteDurability.Synced);
        Assert.Equal(
            "database metadata has format version 2; this build reads up to 1: start a newer build",
            Assert.Throws<StorageException>(() => new RocksMetadataStore(database)).Message);
        Assert.Empty(_databases.Manager.Targets);
    }

    private static async Task<string> FailAsync(Func<Task> change) => (await Assert.ThrowsAsync<PreconditionFailedException>(change)).Message;

    private RocksMetadataStore Open(string directory) => new(_databases.Open(directory, DatabaseProfile.Metadata));

    private async Task<uint> PutAsync(string key, string value, Precondition precondition) =>
        await _store.PutAsync(key, System.Text.Encoding.UTF8.GetBytes(value), precondition, Cancel);

    private async Task<(uint Version, string Value)?> GetAsync(string key) => await _store.GetAsync(key, Cancel) is { } value
        ? (value.Version, System.Text.Encoding.UTF8.GetString(value.Bytes.Span))
        : null;
}
