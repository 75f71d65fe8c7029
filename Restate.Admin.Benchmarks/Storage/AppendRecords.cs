using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Storage.Logs;
using Restate.Storage.Rocks;
using Restate.Storage.Types;

namespace Restate.Admin.Benchmarks.Storage;

/// <summary>How much group commit saves: the same appends, one after the other and many at once.</summary>
[MemoryDiagnoser]
public class AppendRecords
{
    private const int Appends = 256;

    private StorageFolder _folder = null!;
    private LogStore _store = null!;
    private ILoglet[] _loglets = null!;
    private RecordBuffer _record = null!;

    /// <summary>Appends that are on their way at the same time.</summary>
    [Params(1, 16, 256)]
    public int AtOnce { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _folder = new StorageFolder();
        _store = new LogStore("replicated", _folder.Open("logs", DatabaseProfile.LogStore), NullLogger.Instance);
        _loglets = [.. Enumerable.Range(0, 24).Select(log => _store.Open(new LogId((uint)log)))];
        _record = StatePayload.Record(number: 1, entries: 20);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _record.Release();
        _store.Dispose();
        _folder.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Appends)]
    public async Task Append()
    {
        var running = new Task<Lsn>[AtOnce];
        for (int done = 0; done < Appends; done += AtOnce)
        {
            for (int i = 0; i < AtOnce; i++)
                running[i] = _loglets[i % _loglets.Length].AppendAsync(_record);
            await Task.WhenAll(running);
        }
    }
}
