using System.Security.Cryptography;
using System.Text;

namespace Restate.Admin.Api.Security;

/// <summary>A token that the admin port takes. The token itself is not kept, only its hash.</summary>
/// <param name="Name">Who uses it; stands in the audit log.</param>
/// <param name="Scopes">What it opens.</param>
/// <param name="Sha256">SHA-256 of the token's UTF-8 bytes.</param>
/// <param name="ExpiresAt">From when on it opens nothing; null: never.</param>
internal sealed record AccessToken(string Name, AccessScope Scopes, byte[] Sha256, DateTimeOffset? ExpiresAt)
{
    /// <summary>
    /// Characters of the longest token taken. What follows the hash has 256 bits, so that a plain SHA-256 is as good as a slow hash: there
    /// is nothing to guess.
    /// </summary>
    public const int MaxCharacters = 1024;

    /// <summary>What tokens made here begin with, so that scanners for leaked secrets know them.</summary>
    public const string Prefix = "rst_";

    private const int RandomBytes = 32;

    /// <summary>Makes a token.</summary>
    /// <returns>The token, to be shown once.</returns>
    public static string Create() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>The hash of a token.</summary>
    public static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>True when this token opens what asks for a scope.</summary>
    public bool Opens(AccessScope scope) => (Scopes & AccessScope.Admin) != 0 || (Scopes & scope) == scope;
}
