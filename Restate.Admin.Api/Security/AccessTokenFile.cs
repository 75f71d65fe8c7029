using System.Globalization;
using System.Text;

namespace Restate.Admin.Api.Security;

/// <summary>
/// The file of tokens: one a line, fields parted by blanks, <c>#</c> begins a comment.
/// <code>name  query,read  sha256:64 hex digits  [expires:2027-01-31T00:00:00Z]</code>
/// </summary>
internal static class AccessTokenFile
{
    /// <summary>The setting that names the file.</summary>
    public const string Key = "admin.auth.token-file";

    /// <summary>Every one is compared with at every request; more than this is a user directory, which belongs into a proxy.</summary>
    public const int MaxTokens = 1024;

    private const string Line = "NAME SCOPES sha256:HEX [expires:TIME], scopes query, read, admin after commas";
    private const string HashField = "sha256:";
    private const string ExpiryField = "expires:";
    private const int HashDigits = 64;
    private const int MaxName = 100;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the tokens. All or none: a file with a mistake in it is not used.</summary>
    /// <param name="path">Name of the file in messages.</param>
    /// <param name="content">What is in it.</param>
    /// <exception cref="AccessException">A line cannot be read, or a name or hash stands twice.</exception>
    public static IReadOnlyList<AccessToken> Parse(string path, byte[] content)
    {
        string text;
        try
        {
            text = Utf8.GetString(content).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new AccessException($"{Key}: the file \"{path}\" is not UTF-8 text (first bad byte at offset {e.Index})", e);
        }

        var tokens = new List<AccessToken>();
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] fields = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0)
                continue;
            AccessToken token = Parse(fields, problem => Wrong(path, number, problem));
            if (tokens.Exists(other => other.Name == token.Name))
                throw Wrong(path, number, $"the name \"{token.Name}\" stands twice");
            if (tokens.Find(other => other.Sha256.AsSpan().SequenceEqual(token.Sha256)) is { } same)
                throw Wrong(path, number, $"the hash is that of \"{same.Name}\"");
            if (tokens.Count == MaxTokens)
                throw Wrong(path, number, $"there are more than {MaxTokens} tokens");
            tokens.Add(token);
        }

        return tokens;
    }

    /// <summary>The line of a token for the file.</summary>
    public static string Write(AccessToken token) => string.Create(
        CultureInfo.InvariantCulture,
        $"{token.Name} {string.Join(',', Names(token.Scopes))} {HashField}{Convert.ToHexStringLower(token.Sha256)}{(token.ExpiresAt is { } at ? $" {ExpiryField}{at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : "")}");

    /// <summary>Reads scopes such as <c>query,read</c>; null when one is unknown or none is named.</summary>
    public static AccessScope? ParseScopes(string text)
    {
        AccessScope scopes = AccessScope.None;
        foreach (string name in text.Split(','))
        {
            AccessScope scope = name switch
            {
                "query" => AccessScope.Query,
                "read" => AccessScope.Read,
                "admin" => AccessScope.Admin,
                _ => AccessScope.None,
            };
            if (scope == AccessScope.None)
                return null;
            scopes |= scope;
        }

        return scopes;
    }

    /// <summary>True for a name that can stand in the file and in a line of a log.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxName && name.All(character => char.IsAsciiLetterOrDigit(character) || "-_.@".Contains(character));

    private static AccessToken Parse(string[] fields, Func<string, AccessException> wrong)
    {
        if (fields.Length is < 3 or > 4)
            throw wrong($"it has {fields.Length} fields");
        if (!IsName(fields[0]))
            throw wrong($"the name has to have 1 to {MaxName} letters, digits or - _ . @");
        if (ParseScopes(fields[1]) is not { } scopes)
            throw wrong($"the scopes \"{Short(fields[1])}\" are not known");

        // Whatever stands here may be a token that somebody forgot to hash: it is not repeated.
        if (!fields[2].StartsWith(HashField, StringComparison.Ordinal)
            || fields[2].Length != HashField.Length + HashDigits
            || !fields[2].AsSpan(HashField.Length).ContainsOnlyHex())
        {
            throw wrong($"the third field is not {HashField} and {HashDigits} hex digits");
        }

        DateTimeOffset? expires = null;
        if (fields.Length == 4)
        {
            if (!fields[3].StartsWith(ExpiryField, StringComparison.Ordinal)
                || !DateTimeOffset.TryParseExact(
                    fields[3][ExpiryField.Length..],
                    ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd"],
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out DateTimeOffset at))
            {
                throw wrong($"the fourth field \"{Short(fields[3])}\" is not {ExpiryField} and a time such as 2027-01-31T00:00:00Z");
            }

            expires = at;
        }

        return new AccessToken(fields[0], scopes, Convert.FromHexString(fields[2].AsSpan(HashField.Length)), expires);
    }

    private static bool ContainsOnlyHex(this ReadOnlySpan<char> text)
    {
        foreach (char digit in text)
        {
            if (!char.IsAsciiHexDigit(digit))
                return false;
        }

        return true;
    }

    private static IEnumerable<string> Names(AccessScope scopes) =>
        new[] { AccessScope.Query, AccessScope.Read, AccessScope.Admin }
            .Where(scope => (scopes & scope) != 0)
            .Select(scope => scope.ToString().ToLowerInvariant());

    private static string Short(string text)
    {
        const int Shown = 40;
        return text.Length <= Shown ? text : text[..Shown] + "…";
    }

    private static AccessException Wrong(string path, int line, string problem) =>
        new($"{Key}: \"{path}\", line {line}: {problem}; expected {Line}");
}
