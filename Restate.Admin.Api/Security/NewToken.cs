using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Security;

/// <summary>Makes a token for the admin port.</summary>
internal static class NewToken
{
    /// <summary>The text that shows a new token, once, and the line of the file that lets it in.</summary>
    /// <exception cref="CommandLineException">The name cannot stand in the file, or a scope is unknown.</exception>
    public static string Write(string name, string scopes)
    {
        if (!AccessTokenFile.IsName(name))
            throw new CommandLineException($"invalid value '{name}' for '--create-token': expected 1 to 100 letters, digits or - _ . @");
        if (AccessTokenFile.ParseScopes(scopes) is not { } parsed)
            throw new CommandLineException($"invalid value '{scopes}' for '--scopes': expected query, read or admin, several after commas");
        string token = AccessToken.Create();
        return $"{token}\n{AccessTokenFile.Write(new AccessToken(name, parsed, AccessToken.Hash(token), ExpiresAt: null))}\n";
    }
}
