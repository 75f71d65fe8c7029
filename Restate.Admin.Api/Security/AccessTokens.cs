using System.Security.Cryptography;
using Restate.Storage.Configuration;

namespace Restate.Admin.Api.Security;

/// <summary>
/// The tokens in force, and the watch over their file: a changed file counts within some seconds, one that is wrong, gone or unreadable
/// leaves the tokens in force as they are. An empty file opens the port to nobody. Thread-safe.
/// </summary>
internal sealed partial class AccessTokens : BackgroundService
{
    private readonly FollowedFile? _file;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile IReadOnlyList<AccessToken> _tokens = [];
    private string? _problem;

    private AccessTokens(FollowedFile? file, IReadOnlyList<AccessToken> tokens, TimeProvider time, ILogger<AccessTokens> logger)
    {
        _file = file;
        _tokens = tokens;
        _time = time;
        _logger = logger;
    }

    /// <summary>True when requests need a token.</summary>
    public bool AreRequired => _file is not null;

    /// <summary>Opens the file of tokens.</summary>
    /// <param name="path">The file; null: no tokens are asked for.</param>
    /// <param name="time">Clock of expiry.</param>
    /// <param name="logger">Told of changes of the file and of what is wrong with it.</param>
    /// <exception cref="AccessException">It cannot be read, or a line of it is wrong.</exception>
    public static AccessTokens Open(string? path, TimeProvider time, ILogger<AccessTokens> logger)
    {
        if (path is null)
            return new AccessTokens(null, [], time, logger);
        try
        {
            (FollowedFile file, byte[] content) = FollowedFile.Open(path);
            return new AccessTokens(file, AccessTokenFile.Parse(path, content), time, logger);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AccessException($"{AccessTokenFile.Key}: cannot read \"{path}\": {e.Message}", e);
        }
    }

    /// <summary>The token that somebody presents; null when it is none of ours or has expired.</summary>
    public AccessToken? Find(string presented)
    {
        if (presented.Length is 0 or > AccessToken.MaxCharacters)
            return null;
        byte[] hash = AccessToken.Hash(presented);
        AccessToken? found = null;

        // All of them, each in constant time: how long it takes tells nothing of which one is near.
        foreach (AccessToken token in _tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(token.Sha256, hash))
                found = token;
        }

        return found?.ExpiresAt <= _time.GetUtcNow() ? null : found;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_file is null)
            return;
        using var timer = new PeriodicTimer(FollowedFile.Interval, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look(_file);
    }

    private void Look(FollowedFile file)
    {
        try
        {
            byte[]? change = file.ReadChange();
            if (change is not null)
            {
                _tokens = AccessTokenFile.Parse(file.Path, change);
                Log.Changed(_logger, file.Path, _tokens.Count);
            }

            _problem = null;
        }
        catch (AccessException e)
        {
            Log.Refused(_logger, e.Message);
        }
        catch (Exception e)
        {
            // Whatever it is: the watch goes on, and says it once.
            if (_problem != e.Message)
                Log.Unreadable(_logger, file.Path, e.Message);
            _problem = e.Message;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The tokens of {File} changed; {Count} are in force")]
        public static partial void Changed(ILogger logger, string file, int count);

        [LoggerMessage(LogLevel.Error, "The tokens stay as they were: {Reason}")]
        public static partial void Refused(ILogger logger, string reason);

        [LoggerMessage(LogLevel.Error, "The tokens stay as they were: {File} cannot be read: {Reason}")]
        public static partial void Unreadable(ILogger logger, string file, string reason);
    }
}
