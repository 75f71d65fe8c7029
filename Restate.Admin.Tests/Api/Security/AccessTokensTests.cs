using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Restate.Admin.Api.Security;
using Restate.Admin.Benchmarks.Support;
using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Api.Security;

/// <summary>The tokens in force and their file, on the real file system, with a clock of the test's.</summary>
public sealed class AccessTokensTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private string File => _folder.Inside("tokens");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Without_a_file_none_are_required() => Assert.False(Open(null).AreRequired);

    [Fact]
    public void A_token_opens_until_it_expires()
    {
        Write(Line("a", "secret") + " expires:2027-01-01T00:00:10Z");
        AccessTokens tokens = Open(File);

        Assert.True(tokens.AreRequired);
        Assert.Equal("a", tokens.Find("secret")?.Name);
        Assert.Null(tokens.Find("Secret"));
        Assert.Null(tokens.Find(""));
        Assert.Null(tokens.Find(new string('x', AccessToken.MaxCharacters + 1)));
        _time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.NotNull(tokens.Find("secret"));
        _time.Advance(TimeSpan.FromSeconds(0.001));
        Assert.Null(tokens.Find("secret"));
    }

    [Fact]
    public void A_missing_file_ends_the_start() =>
        Assert.Contains(File, Assert.Throws<AccessException>(() => Open(File)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_changed_file_counts_and_a_wrong_or_missing_one_changes_nothing()
    {
        Write(Line("a", "one"));
        using AccessTokens tokens = Open(File);
        await tokens.StartAsync(TestContext.Current.CancellationToken);

        Write(Line("b", "two"));
        await UntilAsync(() => tokens.Find("two") is not null);
        Assert.Null(tokens.Find("one"));

        Write("not a token\n");
        await TicksAsync(4);
        Assert.NotNull(tokens.Find("two"));
        System.IO.File.Delete(File);
        await TicksAsync(4);
        Assert.NotNull(tokens.Find("two"));

        Write("# nobody\n");
        await UntilAsync(() => tokens.Find("two") is null);
        Assert.True(tokens.AreRequired);
        await tokens.StopAsync(TestContext.Current.CancellationToken);
    }

    private static string Line(string name, string token) =>
        AccessTokenFile.Write(new AccessToken(name, AccessScope.Read, AccessToken.Hash(token), ExpiresAt: null));

    private void Write(string content) => System.IO.File.WriteAllText(File, content);

    private AccessTokens Open(string? path) => AccessTokens.Open(path, _time, NullLogger<AccessTokens>.Instance);

    private async Task UntilAsync(Func<bool> reached)
    {
        while (!reached())
            await TicksAsync(1);
    }

    private async Task TicksAsync(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _time.Advance(FollowedFile.Interval);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
