using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Security;

/// <summary>
/// The certificate of the admin port, and the watch over its files: renewed files count for new connections within some seconds. Files
/// that do not go together, as while they are being replaced, leave the certificate in use. Thread-safe.
/// </summary>
internal sealed partial class ServerCertificate : BackgroundService
{
    private const string CertKey = "admin.tls.cert-file";
    private const string KeyKey = "admin.tls.key-file";

    private readonly FollowedFile _certFile;
    private readonly FollowedFile _keyFile;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private byte[] _certPem;
    private byte[] _keyPem;
    private volatile SslStreamCertificateContext _context;
    private bool _changed;
    private string? _problem;

    private ServerCertificate(TlsOptions options, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        (_certFile, _certPem) = Open(CertKey, options.CertFile!);
        (_keyFile, _keyPem) = Open(KeyKey, options.KeyFile!);
        _context = Load();
        _time = time;
        _logger = logger;
    }

    /// <summary>What a new connection is offered.</summary>
    public SslStreamCertificateContext Context => _context;

    /// <summary>Opens the files.</summary>
    /// <returns>Null where neither is configured: the port speaks plain http.</returns>
    /// <exception cref="AccessException">One of them is missing, cannot be read, or does not hold what it should.</exception>
    public static ServerCertificate? Open(TlsOptions options, TimeProvider time, ILogger<ServerCertificate> logger)
    {
        if (options.CertFile is null && options.KeyFile is null)
            return null;
        if (options.CertFile is null || options.KeyFile is null)
        {
            (string set, string missing) = options.CertFile is null ? (KeyKey, CertKey) : (CertKey, KeyKey);
            throw new AccessException($"{set} is set and {missing} is not; TLS needs both, and none of them means plain http");
        }

        return new ServerCertificate(options, time, logger);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(FollowedFile.Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look();
    }

    private void Look()
    {
        try
        {
            // Each is kept at once: a content is told only once, and the other file may be unreadable for a moment.
            if (_certFile.ReadChange() is { } cert)
                (_certPem, _changed) = (cert, true);
            if (_keyFile.ReadChange() is { } key)
                (_keyPem, _changed) = (key, true);
            if (_changed)
            {
                // Two that do not match are tried again when one of them changes.
                _changed = false;

                // The old one is not disposed: handshakes may be using it, and it goes with the last of them.
                _context = Load();
                Log.Changed(_logger, _context.TargetCertificate.Subject, _context.TargetCertificate.NotAfter.ToUniversalTime());
            }

            _problem = null;
        }
        catch (Exception e)
        {
            // Whatever it is: the watch goes on, and says it once.
            if (_problem != e.Message)
                Log.Refused(_logger, e.Message);
            _problem = e.Message;
        }
    }

    private SslStreamCertificateContext Load()
    {
        try
        {
            string pem = Encoding.UTF8.GetString(_certPem);
            X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem, Encoding.UTF8.GetString(_keyPem));
            var issuers = new X509Certificate2Collection();
            issuers.ImportFromPem(pem);
            issuers.RemoveAt(0);

            // Offline: a handshake must not wait for a server elsewhere.
            return SslStreamCertificateContext.Create(certificate, issuers, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new AccessException(
                $"{CertKey} \"{_certFile.Path}\" and {KeyKey} \"{_keyFile.Path}\" cannot be used: {e.Message} Expected are a certificate in PEM and its private key in PEM, not encrypted",
                e);
        }
    }

    private static (FollowedFile File, byte[] Content) Open(string key, string path)
    {
        try
        {
            return FollowedFile.Open(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AccessException($"{key}: cannot read \"{path}\": {e.Message}", e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "New connections get the certificate of {Subject}, valid until {NotAfter:u}")]
        public static partial void Changed(ILogger logger, string subject, DateTime notAfter);

        [LoggerMessage(LogLevel.Error, "The certificate stays as it was: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
