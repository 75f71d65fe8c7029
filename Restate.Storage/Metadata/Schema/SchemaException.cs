using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>What a schema change failed on, in the terms a status code is chosen by.</summary>
public enum SchemaFailure
{
    /// <summary>What the change is about does not exist.</summary>
    NotFound,

    /// <summary>The change is not compatible with what is registered.</summary>
    Conflict,

    /// <summary>The change is not allowed whatever is registered.</summary>
    Invalid,
}

/// <summary>The schema registry refuses a change. The message is for the caller.</summary>
public sealed class SchemaException : StorageException
{
    /// <summary>Creates the failure.</summary>
    /// <param name="failure">What kind it is.</param>
    /// <param name="message">What was refused and why, without the code.</param>
    /// <param name="code">Restate's code such as META0006; the message then begins with it.</param>
    public SchemaException(SchemaFailure failure, string message, string? code = null)
        : base(code is null ? message : $"[{code}] {message}")
    {
        Failure = failure;
        Code = code;
    }

    /// <summary>What kind of failure it is.</summary>
    public SchemaFailure Failure { get; }

    /// <summary>Restate's code, or null.</summary>
    public string? Code { get; }
}
