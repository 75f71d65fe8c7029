namespace Restate.Admin.Api.Endpoints.Discovery;

/// <summary>Discovery of an endpoint failed. The message is for the caller who asked for it.</summary>
internal sealed class DiscoveryException : Exception
{
    private DiscoveryException(int status, string? code, string message, Exception? inner = null)
        : base(message, inner)
    {
        Status = status;
        Code = code;
    }

    /// <summary>HTTP status to answer with.</summary>
    public int Status { get; }

    /// <summary>Restate's code, or null.</summary>
    public string? Code { get; }

    /// <summary>The endpoint cannot be reached or is no SDK endpoint.</summary>
    public static DiscoveryException Unreachable(string message, Exception? inner = null) => Coded("META0003", message, inner);

    /// <summary>The service protocol versions have no overlap with ours.</summary>
    public static DiscoveryException ProtocolVersion(string message) => Coded("META0012", message);

    /// <summary>The answer is not what discovery expects.</summary>
    public static DiscoveryException BadResponse(string message) =>
        Coded("META0013", $"received a bad response from the SDK: {message}");

    /// <summary>The endpoint speaks HTTP/1.1 only.</summary>
    public static DiscoveryException OnlyHttp11(string message, Exception inner) => Coded("META0014", message, inner);

    /// <summary>The manifest cannot be read.</summary>
    public static DiscoveryException Undecodable(string message, string manifest, Exception? inner = null) =>
        new(500, null, $"received a bad response from the SDK that cannot be decoded: {message}. Discovery response: {manifest}", inner);

    /// <summary>The manifest can be read, but what it says is not allowed.</summary>
    public static DiscoveryException NotAllowed(string message) => new(400, null, message);

    /// <summary>The request is about a kind of endpoint this server does not call.</summary>
    public static DiscoveryException NotSupported(string message) => new(StatusCodes.Status501NotImplemented, null, message);

    /// <remarks>The code stands twice, as in the peer's answers.</remarks>
    private static DiscoveryException Coded(string code, string message, Exception? inner = null) =>
        new(500, code, $"[{code}] [{code}] {message}", inner);
}
