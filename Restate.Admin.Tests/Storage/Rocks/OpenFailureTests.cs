using System.Diagnostics;
using Restate.Storage.Rocks;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Rocks;

/// <summary>A directory that cannot be used: the message says which, why, and what to do.</summary>
public sealed class OpenFailureTests : IDisposable
{
    private readonly TestDatabases _databases = new();

    private string Path => System.IO.Path.Combine(_databases.Directory, "db");

    public void Dispose() => _databases.Dispose();

    [Fact]
    public void A_directory_that_this_process_has_open_is_refused()
    {
        _databases.Open("db");
        Refused("another process has it open; stop that process or use another base-dir");
    }

    [Fact]
    public async Task A_directory_that_another_process_has_open_is_refused()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "python3 is not installed; it takes the lock as another process");
        _databases.Open("db").Dispose();
        const string Script = "import fcntl,sys\nf=open(sys.argv[1],'r+b')\nfcntl.lockf(f,fcntl.LOCK_EX)\nprint('locked',flush=True)\nsys.stdin.read()";
        using var other = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script, System.IO.Path.Combine(Path, "LOCK")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("locked", await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Refused("another process has it open; stop that process or use another base-dir");

        other.StandardInput.Close();
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        _databases.Open("db").Dispose();
    }

    [Fact]
    public void A_lock_file_that_cannot_be_opened_is_not_called_a_lock()
    {
        Directory.CreateDirectory(System.IO.Path.Combine(Path, "LOCK"));
        StorageException failure = Refused("see the message of RocksDB");
        Assert.Contains("Is a directory", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_the_directorys_place_is_refused()
    {
        File.WriteAllText(Path, "x");
        var failure = Assert.Throws<StorageException>(() => _databases.Open("db"));
        Assert.StartsWith($"cannot create the directory of database db: {Path}: ", failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.InnerException);
    }

    [Theory]
    [InlineData("MANIFEST-", "its files are damaged; restore the directory from a copy")]
    [InlineData("CURRENT", "its files are damaged; restore the directory from a copy")]
    public void Damaged_files_are_named_as_such(string prefix, string cause)
    {
        Fill();
        foreach (string file in Directory.EnumerateFiles(Path, prefix + "*"))
            File.WriteAllBytes(file, new byte[300]);
        Refused(cause);
    }

    [Theory]
    [InlineData("MANIFEST-*")]
    [InlineData("*.sst")]
    public void Missing_files_are_named_as_such(string pattern)
    {
        Fill();
        foreach (string file in Directory.EnumerateFiles(Path, pattern))
            File.Delete(file);
        StorageException failure = Refused("restore the directory from a copy");
        Assert.Contains("No such file or directory", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_block_fails_the_reads_that_need_it_and_nothing_else()
    {
        Fill();
        string table = Directory.EnumerateFiles(Path, "*.sst").Single();
        byte[] bytes = File.ReadAllBytes(table);
        bytes.AsSpan(20, 100).Fill(0xEE);
        File.WriteAllBytes(table, bytes);

        RocksDatabase database = _databases.Open("db");
        StorageException read = Assert.ThrowsAny<StorageException>(() => database.Get([1]));
        Assert.StartsWith("database db: Corruption: ", read.Message, StringComparison.Ordinal);
        Assert.Contains(table, read.Message, StringComparison.Ordinal);
        Assert.StartsWith("database db: Corruption: ", Assert.ThrowsAny<StorageException>(() => TestDatabases.Dump(database)).Message, StringComparison.Ordinal);
        TestDatabases.Put(database, [9, 9], [1]);
        Assert.Equal([1], database.Get([9, 9])!);
    }

    [Fact]
    public void A_failed_open_leaves_the_directory_to_the_next()
    {
        Fill();
        string manifest = Directory.EnumerateFiles(Path, "MANIFEST-*").Single();
        byte[] good = File.ReadAllBytes(manifest);
        File.WriteAllBytes(manifest, new byte[300]);
        Refused("its files are damaged");
        Assert.Empty(_databases.Manager.Targets);

        File.WriteAllBytes(manifest, good);
        Assert.NotNull(_databases.Open("db").Get([1]));
    }

    private void Fill()
    {
        using RocksDatabase database = _databases.Open("db");
        for (byte i = 0; i < 50; i++)
            TestDatabases.Put(database, [i], new byte[10]);
        database.FlushAndWait();
    }

    private StorageException Refused(string cause)
    {
        StorageException failure = Assert.Throws<StorageException>(() => _databases.Open("db"));
        Assert.StartsWith($"cannot open database db in {Path}: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(cause, failure.Message, StringComparison.Ordinal);
        Assert.IsType<RocksException>(failure.InnerException);
        return failure;
    }
}
