using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Restate.Storage.Types;

namespace Restate.Storage.Metadata.Schema;

/// <summary>
/// Address of an HTTP endpoint, kept as it was given but for a lower-case scheme, no fragment, and <c>/</c> for an empty path.
/// Two addresses are the same deployment when authority and path are.
/// </summary>
public sealed partial record EndpointUri
{
    private EndpointUri(string scheme, string authority, string path, string query)
    {
        Scheme = scheme;
        Authority = authority;
        Path = path;
        Query = query;
    }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; }

    /// <summary>Host and port.</summary>
    public string Authority { get; }

    /// <summary>Path, at least <c>/</c>.</summary>
    public string Path { get; }

    /// <summary>Query with its <c>?</c>, or empty.</summary>
    public string Query { get; }

    /// <summary>Reads an address, or says what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out EndpointUri? uri, [NotNullWhen(false)] out string? error)
    {
        uri = null;
        Match parts = Parts().Match(text);
        if (!parts.Success)
        {
            error = text.Contains("://", StringComparison.Ordinal)
                ? $"The provided uri {Redaction.ApplyToAddress(text)} has no host."
                : $"The provided uri {Redaction.ApplyToAddress(text)} is not absolute, only absolute URIs can be used.";
            return false;
        }

        string scheme = parts.Groups["scheme"].Value.ToLowerInvariant();
        if (scheme is not ("http" or "https"))
        {
            error = $"The provided uri {Redaction.ApplyToAddress(text)} has the scheme '{scheme}', only http and https can be used.";
            return false;
        }

        if (text.Any(c => c <= ' ' || c >= 0x7f) || !Uri.TryCreate(text, UriKind.Absolute, out _))
        {
            error = $"The provided uri {Redaction.ApplyToAddress(text)} is not a valid URI.";
            return false;
        }

        string path = parts.Groups["path"].Value;
        uri = new EndpointUri(scheme, parts.Groups["authority"].Value, path.Length == 0 ? "/" : path, parts.Groups["query"].Value);
        error = null;
        return true;
    }

    /// <summary>The address for people: what may be a password is taken out.</summary>
    public string Shown => Redaction.ApplyToAddress($"{Scheme}://{Authority}") + Path + Query;

    /// <summary>True when both name the same deployment: scheme and query do not tell deployments apart.</summary>
    public bool IsSameEndpoint(EndpointUri other) =>
        string.Equals(Authority, other.Authority, StringComparison.OrdinalIgnoreCase) && Path == other.Path;

    /// <summary>The address with a segment added to its path.</summary>
    public string Append(string segment) => $"{Scheme}://{Authority}{Path.TrimEnd('/')}/{segment}{Query}";

    /// <inheritdoc/>
    public override string ToString() => $"{Scheme}://{Authority}{Path}{Query}";

    [GeneratedRegex(@"^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?<authority>[^/?#]+)(?<path>/[^?#]*)?(?<query>\?[^#]*)?(?:#.*)?$")]
    private static partial Regex Parts();
}
