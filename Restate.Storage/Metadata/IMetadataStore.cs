using Restate.Storage.Types;

namespace Restate.Storage.Metadata;

/// <summary>A value of the metadata store with its version.</summary>
/// <param name="Version">1 for the first value of a key, then one more with every put.</param>
/// <param name="Bytes">The value.</param>
public readonly record struct VersionedValue(uint Version, ReadOnlyMemory<byte> Bytes);

/// <summary>What must hold for a put or delete to happen.</summary>
/// <param name="Kind">Which test.</param>
/// <param name="Version">The version to match, for <see cref="PreconditionKind.MatchesVersion"/>.</param>
public readonly record struct Precondition(PreconditionKind Kind, uint Version = 0)
{
    /// <summary>Always.</summary>
    public static Precondition None => new(PreconditionKind.None);

    /// <summary>Only when the key has no value.</summary>
    public static Precondition DoesNotExist => new(PreconditionKind.DoesNotExist);

    /// <summary>Only when the key's value has this version.</summary>
    public static Precondition Matches(uint version) => new(PreconditionKind.MatchesVersion, version);
}

/// <summary>Kinds of <see cref="Precondition"/>.</summary>
public enum PreconditionKind
{
    /// <summary>No test.</summary>
    None,

    /// <summary>The key has no value.</summary>
    DoesNotExist,

    /// <summary>The key's value has a given version.</summary>
    MatchesVersion,
}

/// <summary>A compare-and-set failed because somebody else changed the key first; read again and retry.</summary>
public sealed class PreconditionFailedException(string key, string expected, uint? actualVersion)
    : StorageException($"metadata key '{key}': expected {expected}, found {(actualVersion is null ? "no value" : $"version {actualVersion}")}");

/// <summary>
/// Versioned keys with compare-and-set: nodes, partition table, log chains, schema registry. A put is durable when it returns.
/// A cluster puts a replicated store behind this seam.
/// </summary>
public interface IMetadataStore
{
    /// <summary>Reads a key; null when it has no value.</summary>
    ValueTask<VersionedValue?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Writes a key and returns its new version.</summary>
    /// <exception cref="PreconditionFailedException">The precondition does not hold; nothing was written.</exception>
    ValueTask<uint> PutAsync(string key, ReadOnlyMemory<byte> value, Precondition precondition, CancellationToken cancellationToken);

    /// <summary>Deletes a key. Deleting a key without a value is no error when the precondition holds.</summary>
    /// <exception cref="PreconditionFailedException">The precondition does not hold; nothing was deleted.</exception>
    ValueTask DeleteAsync(string key, Precondition precondition, CancellationToken cancellationToken);
}
