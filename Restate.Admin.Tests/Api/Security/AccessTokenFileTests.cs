using System.Text;
using Restate.Admin.Api.Security;
using Xunit;

namespace Restate.Admin.Tests.Api.Security;

public sealed class AccessTokenFileTests
{
    private const string Hash = "sha256:c800681c43ea7d4797d288b2daaabfc39a27f2e9610fcf07cf759025593661e0";
    private const string OtherHash = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public static TheoryData<string, string> BadLines => new()
    {
        { "ops", "it has 1 fields" },
        { "ops admin", "it has 2 fields" },
        { $"ops admin {Hash} expires:2027-01-01 more", "it has 5 fields" },
        { $"ops,x admin {Hash}", "the name has to have" },
        { $"ops root {Hash}", "the scopes \"root\" are not known" },
        { $"ops read,,query {Hash}", "the scopes \"read,,query\" are not known" },
        { $"ops Admin {Hash}", "the scopes \"Admin\" are not known" },
        { "ops admin rst_plain", "the third field is not sha256:" },
        { $"ops admin {Hash}0", "the third field is not sha256:" },
        { $"ops admin {Hash[..^1]}g", "the third field is not sha256:" },
        { $"ops admin {Hash.Replace("sha256", "md5", StringComparison.Ordinal)}", "the third field is not sha256:" },
        { $"ops admin {Hash} expires:soon", "the fourth field \"expires:soon\"" },
        { $"ops admin {Hash} 2027-01-01", "the fourth field \"2027-01-01\"" },
        { $"ops admin {Hash}\nops read {OtherHash}", "line 2: the name \"ops\" stands twice" },
        { $"ops admin {Hash}\nother read {Hash}", "line 2: the hash is that of \"ops\"" },
    };

    [Fact]
    public void Every_form_of_a_line_is_read()
    {
        IReadOnlyList<AccessToken> tokens = Parse(
            $"\uFEFF# who may do what\r\n\r\nops\tadmin  {Hash}   # the team\r\nci query,read {OtherHash.ToUpperInvariant().Replace("SHA", "sha", StringComparison.Ordinal)} expires:2027-01-31T12:00:00Z\n");

        Assert.Equal(["ops", "ci"], tokens.Select(token => token.Name));
        Assert.Equal([AccessScope.Admin, AccessScope.Query | AccessScope.Read], tokens.Select(token => token.Scopes));
        Assert.Equal([null, new DateTimeOffset(2027, 1, 31, 12, 0, 0, TimeSpan.Zero)], tokens.Select(token => token.ExpiresAt));
        Assert.Equal(AccessToken.Hash("test"), tokens[1].Sha256);
    }

    [Theory]
    [MemberData(nameof(BadLines))]
    public void A_bad_line_is_named_and_nothing_of_the_file_is_used(string content, string problem)
    {
        AccessException error = Assert.Throws<AccessException>(() => Parse(content));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("admin.auth.token-file: \"tokens\", line ", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected NAME SCOPES sha256:HEX", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_that_was_not_hashed_is_not_repeated() =>
        Assert.DoesNotContain("rst_secret", Assert.Throws<AccessException>(() => Parse("ops admin rst_secret")).Message, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.Contains("not UTF-8", Assert.Throws<AccessException>(() => AccessTokenFile.Parse("tokens", [0x61, 0xff])).Message, StringComparison.Ordinal);

    [Fact]
    public void There_is_a_bound_to_the_tokens()
    {
        string content = string.Join('\n', Enumerable.Range(0, AccessTokenFile.MaxTokens + 1).Select(i => $"t{i} read sha256:{i:x64}"));
        Assert.Contains("more than 1024", Assert.Throws<AccessException>(() => Parse(content)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_token_is_let_in_by_its_line()
    {
        string[] lines = NewToken.Write("ops", "read,query").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        AccessToken token = Assert.Single(Parse(lines[1]));
        Assert.Equal(("ops", AccessScope.Query | AccessScope.Read), (token.Name, token.Scopes));
        Assert.Equal(AccessToken.Hash(lines[0]), token.Sha256);
        Assert.Matches("^rst_[0-9a-f]{64}$", lines[0]);
        Assert.NotEqual(lines[0], NewToken.Write("ops", "read").Split('\n')[0]);
    }

    [Fact]
    public void Scopes_open_what_they_name()
    {
        foreach ((AccessScope held, AccessScope needed, bool opens) in new[]
        {
            (AccessScope.Query, AccessScope.Query, true),
            (AccessScope.Query, AccessScope.Read, false),
            (AccessScope.Query, AccessScope.None, true),
            (AccessScope.Read, AccessScope.Query, false),
            (AccessScope.Read, AccessScope.Admin, false),
            (AccessScope.Read | AccessScope.Query, AccessScope.Admin, false),
            (AccessScope.Admin, AccessScope.Query, true),
            (AccessScope.Admin, AccessScope.Read, true),
        })
        {
            Assert.True(opens == new AccessToken("t", held, [], null).Opens(needed), $"{held} for {needed}");
        }
    }

    private static IReadOnlyList<AccessToken> Parse(string content) => AccessTokenFile.Parse("tokens", Encoding.UTF8.GetBytes(content));
}
