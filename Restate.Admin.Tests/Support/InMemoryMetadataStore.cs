using Restate.Storage.Metadata;

namespace Restate.Admin.Tests.Support;

/// <summary>A metadata store in memory with the versions and preconditions of a real one.</summary>
internal sealed class InMemoryMetadataStore : IMetadataStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, VersionedValue> _values = [];

    /// <summary>Runs before the next put, once: what another node does meanwhile.</summary>
    public Func<Task>? BeforePut { get; set; }

    public int Puts { get; private set; }

    public ValueTask<VersionedValue?> GetAsync(string key, CancellationToken cancellationToken)
    {
        lock (_lock)
            return ValueTask.FromResult<VersionedValue?>(_values.TryGetValue(key, out VersionedValue value) ? value : null);
    }

    public async ValueTask<uint> PutAsync(
        string key, ReadOnlyMemory<byte> value, Precondition precondition, CancellationToken cancellationToken)
    {
        Func<Task>? before = BeforePut;
        BeforePut = null;
        if (before is not null)
            await before();
        lock (_lock)
        {
            Check(key, precondition);
            uint version = _values.TryGetValue(key, out VersionedValue old) ? old.Version + 1 : 1;
            _values[key] = new VersionedValue(version, value.ToArray());
            Puts++;
            return version;
        }
    }

    public ValueTask DeleteAsync(string key, Precondition precondition, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            Check(key, precondition);
            _values.Remove(key);
            return ValueTask.CompletedTask;
        }
    }

    private void Check(string key, Precondition precondition)
    {
        uint? actual = _values.TryGetValue(key, out VersionedValue value) ? value.Version : null;
        string? expected = precondition.Kind switch
        {
            PreconditionKind.DoesNotExist when actual is not null => "no value",
            PreconditionKind.MatchesVersion when actual != precondition.Version => $"version {precondition.Version}",
            _ => null,
        };
        if (expected is not null)
            throw new PreconditionFailedException(key, expected, actual);
    }
}
