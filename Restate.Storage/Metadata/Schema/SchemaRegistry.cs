using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>
/// The deployments and services of the cluster: one versioned value of the metadata store, changed by compare-and-set, with a snapshot
/// in memory for readers. Thread-safe.
/// </summary>
public sealed partial class SchemaRegistry(IMetadataStore store, ILogger<SchemaRegistry>? logger = null) : IDisposable
{
    /// <summary>Key of the value in the metadata store.</summary>
    public const string MetadataKey = "schema-registry";

    private const int MaxAttempts = 16;

    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly ILogger _logger = logger ?? NullLogger<SchemaRegistry>.Instance;
    private volatile SchemaSnapshot _current = new(0, SchemaDocument.Empty);

    /// <summary>What is registered, as last read or written here; empty before <see cref="LoadAsync"/>.</summary>
    public SchemaSnapshot Current => _current;

    /// <summary>Reads the stored value. Call once the metadata store is open, before anything is served.</summary>
    /// <exception cref="StorageException">The value is of a newer format, or damaged.</exception>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            _current = await ReadAsync(cancellationToken);
        }
        finally
        {
            _writer.Release();
        }

        Log.Loaded(_logger, _current.Deployments.Length, _current.Services.Length, _current.Version);
    }

    /// <summary>The latest revision of a service, or null. Names are case-sensitive.</summary>
    public ServiceSchema? FindService(string name) => _current.FindService(name);

    /// <summary>The rows of <c>sys_service</c>, by name.</summary>
    public IEnumerable<ServiceRow> EnumerateServices() => _current.EnumerateServices();

    /// <summary>Registers what discovery found. Durable when it returns, unless it is a dry run.</summary>
    /// <param name="found">The deployment; its id is used only when its address is new, and revisions are assigned here.</param>
    /// <param name="options">How to treat what is there.</param>
    /// <param name="cancellationToken">Ends the wait; the change may then have happened or not.</param>
    /// <exception cref="SchemaException">A name is reserved, or a service changes its type.</exception>
    public async Task<Registration> RegisterAsync(Deployment found, RegistrationOptions options, CancellationToken cancellationToken)
    {
        Registration result = await ChangeAsync(
            snapshot => SchemaChanges.Register(snapshot, found, options), options.DryRun, cancellationToken);
        if (!options.DryRun && result.Outcome != RegistrationOutcome.Unchanged)
            Log.Registered(_logger, result.Deployment.Id, result.Deployment.Services.Length, result.Outcome);
        return result;
    }

    /// <summary>Moves a deployment to what discovery found, in place. Durable when it returns, unless it is a dry run.</summary>
    /// <param name="id">The deployment.</param>
    /// <param name="found">What discovery found at its new address or with its new headers.</param>
    /// <param name="overwrite">True replaces its services by those found; false keeps them.</param>
    /// <param name="dryRun">True stores nothing.</param>
    /// <param name="cancellationToken">Ends the wait; the change may then have happened or not.</param>
    /// <exception cref="SchemaException">There is no such deployment, it speaks other protocol versions now, or a name is reserved.</exception>
    public async Task<Deployment> UpdateDeploymentAsync(
        DeploymentId id, Deployment found, bool overwrite, bool dryRun, CancellationToken cancellationToken)
    {
        Deployment result = await ChangeAsync(
            snapshot => SchemaChanges.Update(snapshot, id, found, overwrite), dryRun, cancellationToken);
        if (!dryRun)
            Log.Updated(_logger, id, result.Services.Length);
        return result;
    }

    /// <summary>Removes a deployment; its services fall back to the highest revision another deployment holds, or vanish.</summary>
    /// <exception cref="SchemaException">There is no such deployment.</exception>
    public async Task DeleteDeploymentAsync(DeploymentId id, CancellationToken cancellationToken)
    {
        await ChangeAsync(snapshot => (SchemaChanges.Delete(snapshot, id), id), dryRun: false, cancellationToken);
        Log.Deleted(_logger, id);
    }

    /// <summary>Changes settings of the latest revision of a service and returns it.</summary>
    /// <exception cref="SchemaException">There is no such service, or a setting does not apply to its type.</exception>
    public Task<ServiceSchema> ModifyServiceAsync(string name, ServicePatch patch, CancellationToken cancellationToken) =>
        ChangeAsync(snapshot => SchemaChanges.Modify(snapshot, name, patch), dryRun: false, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private async Task<T> ChangeAsync<T>(
        Func<SchemaSnapshot, (SchemaDocument Next, T Result)> change, bool dryRun, CancellationToken cancellationToken)
    {
        await _writer.WaitAsync(cancellationToken);
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                SchemaSnapshot before = await ReadAsync(cancellationToken);
                _current = before;
                (SchemaDocument next, T result) = change(before);
                if (dryRun || ReferenceEquals(next, before.Document))
                    return result;
                Precondition unchanged = before.Version == 0 ? Precondition.DoesNotExist : Precondition.Matches(before.Version);
                try
                {
                    next = next with { FormatVersion = SchemaDocument.CurrentFormat };
                    uint version = await store.PutAsync(MetadataKey, next.Encode(), unchanged, cancellationToken);
                    _current = new SchemaSnapshot(version, next);
                    return result;
                }
                catch (PreconditionFailedException e)
                {
                    // Another node was faster: decide again on what it left.
                    if (attempt == MaxAttempts)
                        throw new StorageException($"the schema registry was changed {MaxAttempts} times by others meanwhile; try again", e);
                }
            }
        }
        finally
        {
            _writer.Release();
        }
    }

    private async ValueTask<SchemaSnapshot> ReadAsync(CancellationToken cancellationToken) =>
        await store.GetAsync(MetadataKey, cancellationToken) is not { } stored ? new SchemaSnapshot(0, SchemaDocument.Empty)
        : stored.Version == _current.Version ? _current
        : new SchemaSnapshot(stored.Version, SchemaDocument.Decode(stored.Bytes.Span));

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Schema registry holds {Deployments} deployments and {Services} services (version {Version})")]
        public static partial void Loaded(ILogger logger, int deployments, int services, uint version);

        [LoggerMessage(LogLevel.Information, "Deployment {Id} with {Services} services: {Outcome}")]
        public static partial void Registered(ILogger logger, DeploymentId id, int services, RegistrationOutcome outcome);

        [LoggerMessage(LogLevel.Information, "Deployment {Id} updated; it has {Services} services")]
        public static partial void Updated(ILogger logger, DeploymentId id, int services);

        [LoggerMessage(LogLevel.Information, "Deployment {Id} deleted")]
        public static partial void Deleted(ILogger logger, DeploymentId id);
    }
}
