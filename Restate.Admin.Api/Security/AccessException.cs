namespace Restate.Admin.Api.Security;

/// <summary>A file of tokens, a certificate or a key cannot be used. The message names the key, the file and what is wrong.</summary>
internal sealed class AccessException(string message, Exception? inner = null) : Exception(message, inner);
