using System.Text.RegularExpressions;

namespace Restate.Storage.Types;

/// <summary>Takes out of text for people what may be a secret.</summary>
public static partial class Redaction
{
    private const string Mark = "***";

    /// <summary>
    /// The text without what stands before the host in addresses (<c>user:password@</c>) and without bearer tokens; <c>***</c> stands in
    /// their place.
    /// </summary>
    public static string Apply(string text)
    {
        string redacted = text.Contains('@') ? UserInfo().Replace(text, Mark) : text;
        return redacted.Contains("bearer", StringComparison.OrdinalIgnoreCase) ? Bearer().Replace(redacted, Mark) : redacted;
    }

    /// <summary>
    /// The text of one address, which need not be a valid one: all between the scheme and the last <c>@</c> is taken out, since a
    /// password may hold what ends the host elsewhere.
    /// </summary>
    public static string ApplyToAddress(string address)
    {
        int at = address.LastIndexOf('@');
        int scheme = address.IndexOf("://", StringComparison.Ordinal);
        int start = scheme < 0 ? 0 : scheme + 3;
        return at < start ? address : string.Concat(address.AsSpan(0, start), Mark, address.AsSpan(at));
    }

    [GeneratedRegex(@"(?<=://)[^/?#\s'""<>]*(?=@)")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<=\bbearer\s{1,8})[A-Za-z0-9._~+/=-]+", RegexOptions.IgnoreCase)]
    private static partial Regex Bearer();
}
