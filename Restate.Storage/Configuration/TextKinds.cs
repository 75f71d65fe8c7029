using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Restate.Storage.Configuration;

/// <summary><c>true</c> or <c>false</c>.</summary>
internal sealed class BooleanKind : OptionKind
{
    public override string Allowed => "true or false";

    public override Reading Read(RawValue raw, Func<ulong> processLimit) =>
        raw.Value is bool ? Reading.Of(raw.Value) : Reading.WrongType(raw, "a boolean: true or false");

    public override string ToToml(object value) => (bool)value ? "true" : "false";
}

/// <summary>Text that a rule accepts.</summary>
/// <param name="expected">What the rule accepts, in words.</param>
/// <param name="normalize">The text in its one form, or null when the rule does not accept it.</param>
internal sealed class TextKind(string expected, Func<string, string?> normalize) : OptionKind
{
    public override string Allowed => expected;

    public override Reading Read(RawValue raw, Func<ulong> processLimit)
    {
        if (raw.String is not { } text)
            return Reading.WrongType(raw, "a string: " + expected);
        return normalize(text) is { } value ? Reading.Of(value) : Reading.WrongValue(raw with { Value = text }, expected);
    }

    public override string ToToml(object value) => TomlText.Quote((string)value);
}

/// <summary>The rules for options that are text.</summary>
internal static class TextKinds
{
    /// <summary>Any text that is not empty and has no control characters.</summary>
    public static OptionKind Name { get; } = new TextKind("a name that is not empty, without control characters", text => IsPrintable(text) ? text : null);

    /// <summary>A name that can be that of a folder.</summary>
    public static OptionKind FolderName { get; } = new TextKind(
        "a name of 1 to 255 bytes that can be a folder's: no \"/\" or control characters, not \".\" or \"..\"",
        text => IsPrintable(text) && !text.Contains('/') && text is not ("." or "..") && System.Text.Encoding.UTF8.GetByteCount(text) <= 255 ? text : null);

    /// <summary>A path of the file system.</summary>
    public static OptionKind Path { get; } = new TextKind("a path that is not empty, without control characters", text => IsPrintable(text) ? text : null);

    /// <summary>An IP address without a port.</summary>
    public static OptionKind IpAddress { get; } = new TextKind(
        "an IP address such as 127.0.0.1, 0.0.0.0 or ::1", text => TryReadIp(text, out IPAddress? ip) ? ip.ToString() : null);

    /// <summary>Levels <c>off</c> to <c>trace</c>, one for all and one per target.</summary>
    public static OptionKind LogFilter { get; } = new TextKind(
        Configuration.LogFilter.Grammar, text => Configuration.LogFilter.TryParse(text, out _) ? text : null);

    /// <summary>One of a few words.</summary>
    public static OptionKind Choice(params string[] words) =>
        new TextKind("one of " + string.Join(", ", words), text => words.Contains(text) ? text : null);

    /// <summary>An IP address and a port, 0 for any free one; without a port the default one.</summary>
    public static OptionKind Endpoint(int defaultPort) => new TextKind(
        string.Create(
            CultureInfo.InvariantCulture,
            $"an IP address and a port, such as 127.0.0.1:{defaultPort} or [::1]:{defaultPort} (port 0: any free one)"),
        text => TryReadEndpoint(text, defaultPort, out IPEndPoint? endpoint) ? endpoint.ToString() : null);

    private static bool TryReadEndpoint(string text, int defaultPort, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        endpoint = null;
        if (TryReadIp(text, out IPAddress? address))
        {
            endpoint = new IPEndPoint(address, defaultPort);
            return true;
        }

        int colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            return false;
        string host = text[..colon];
        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (!TryReadIp(bracketed ? host[1..^1] : host, out address) || bracketed != (address.AddressFamily == AddressFamily.InterNetworkV6))
            return false;
        endpoint = new IPEndPoint(address, port);
        return true;
    }

    // IPAddress also takes "5122" and "1.2.3" (old short forms) and brackets; Restate takes neither.
    private static bool TryReadIp(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && !text.Contains('[')
        && (address.AddressFamily == AddressFamily.InterNetworkV6 || address.ToString() == text);

    private static bool IsPrintable(string text) => text.Trim().Length > 0 && !text.Any(char.IsControl);
}
