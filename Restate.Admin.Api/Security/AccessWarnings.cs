using System.Net;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Security;

/// <summary>Says at the start what an admin port that others can reach lacks.</summary>
internal static partial class AccessWarnings
{
    /// <summary>Writes the warnings.</summary>
    public static void Write(AdminOptions admin, ILogger logger)
    {
        if (admin.TokenFile is { } file && OperatingSystem.IsLinux()
            && (File.GetUnixFileMode(file) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            Log.WritableTokens(logger, file);
        }

        if (IPAddress.IsLoopback(IPEndPoint.Parse(admin.BindAddress).Address))
            return;
        if (admin.TokenFile is null)
            Log.NoTokens(logger, admin.BindAddress, admin.ReadOnly ? "read" : "read and change", AccessTokenFile.Key);
        else if (admin.Tls.CertFile is null)
            Log.PlainTokens(logger, admin.BindAddress);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Others than its owner can write {File}, and so let themselves in: chmod go-w")]
        public static partial void WritableTokens(ILogger logger, string file);

        [LoggerMessage(
            LogLevel.Warning,
            "The admin API listens on {Address} without tokens: whoever reaches it can {Verbs} everything. Set {Key}, bind it to loopback, or keep strangers off that network")]
        public static partial void NoTokens(ILogger logger, string address, string verbs, string key);

        [LoggerMessage(
            LogLevel.Warning,
            "The admin API listens on {Address} without TLS: its tokens can be read on the way. Set admin.tls.cert-file and admin.tls.key-file, or put a proxy before it")]
        public static partial void PlainTokens(ILogger logger, string address);
    }
}
