using Restate.Admin.Api.Query.Gate;
using Xunit;

namespace Restate.Admin.Tests.Api.Query;

/// <summary>How large a regular expression becomes once its repeats are written out.</summary>
public sealed class RegexpSizeTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("abc", 3)]
    [InlineData("a.c", 12)]
    [InlineData("a{3}", 3)]
    [InlineData("ba{3,}", 4)]
    [InlineData("a{0,7}b", 8)]
    [InlineData("a{0}", 1)]
    [InlineData("(ab){10}", 40)]
    [InlineData("((a{10}){10}){10}", 1220)]
    [InlineData("[abc]{5}", 20)]
    [InlineData("[]a]{5}", 15)]
    [InlineData("[^a]{2}", 22)]
    [InlineData(@"\pL{2}\p{Greek}", 1200)]
    [InlineData(@"[\pL\PN]", 801)]
    [InlineData(@"\{3}", 3)]
    [InlineData(@"[[:word:]\pL]{10}", 4110)]
    [InlineData(@"[[:word]{2}", 14)]
    [InlineData(@"(\pL\Q(\E){10}", 4030)]
    [InlineData(@"\Qa)(b", 4)]
    [InlineData("a{x}", 4)]
    [InlineData("a{,5}", 5)]
    public void The_size_follows_what_is_repeated(string pattern, long size) => Assert.Equal(size, RegexpSize.Estimate(pattern));

    [Theory]
    [InlineData("(((")]
    [InlineData(")))")]
    [InlineData("[")]
    [InlineData("[^")]
    [InlineData(@"[\")]
    [InlineData(@"\")]
    [InlineData(@"\p")]
    [InlineData(@"\p{")]
    [InlineData("[[:")]
    [InlineData("[[:]")]
    [InlineData(@"\Q")]
    [InlineData("{")]
    [InlineData("{3}")]
    [InlineData("a{99999999999999999999}")]
    public void What_is_no_regular_expression_has_a_size_all_the_same(string pattern) => Assert.InRange(RegexpSize.Estimate(pattern), 0, 1000);

    [Theory]
    [InlineData("{")]
    [InlineData("[[:")]
    [InlineData(@"\p{")]
    [InlineData(@"\Q")]
    public async Task A_pattern_longer_than_any_statement_is_read_in_one_go(string part)
    {
        // Each part looks for an end that is not there; in quadratic time it would take half an hour.
        string pattern = string.Concat(Enumerable.Repeat(part, (8 << 20) / part.Length));
        long size = await Task.Run(() => RegexpSize.Estimate(pattern), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.True(size > 0);
    }

    [Fact]
    public void Repeats_of_repeats_do_not_overflow()
    {
        string deep = string.Concat(Enumerable.Repeat("(", 3000)) + "a" + string.Concat(Enumerable.Repeat("){1000}", 3000));
        Assert.True(RegexpSize.Estimate(deep) > RegexpSize.Max);
        Assert.True(RegexpSize.Estimate(deep + deep + deep) > RegexpSize.Max);
    }
}
