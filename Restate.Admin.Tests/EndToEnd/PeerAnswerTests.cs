using System.Net;
using System.Text;
using Restate.Admin.Benchmarks.SideBySide;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The same posts and the same SQL give the same answers as Restate's: values, types, formats.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class PeerAnswerTests : IClassFixture<PeerPair>
{
    private readonly PeerPair _pair;

    public PeerAnswerTests(PeerPair pair)
    {
        Installed.RequireSdkService();
        Installed.RequirePeer();
        _pair = pair;
    }

    public static TheoryData<string> ComparedNames => [.. ComparedQuery.All(PeerPair.Load).Select(query => query.Name)];

    public static TheoryData<string, bool> MoreQueries => new()
    {
        { "select * from state where service_key = 'nobody'", false },
        { "select * from state where service_key = 'obj-00003' and key = 'k0001'", false },
        { "select partition_key, scope, service_name from state where service_key in ('obj-00001', 'obj-00002')", false },
        { "select key, value_utf8 from state where value_utf8 is null", false },
        { "select service_key, value_length from state where value_length between 10 and 12 order by service_key, key", true },
        { "select max(value_length) as hi, min(key_length) as lo, sum(value_length) as total, avg(value_length) as mean from state", false },
        { "select service_key as k, count(*) as n from state group by service_key having count(*) > 1 order by k", true },
        { "select distinct service_name from state", false },
        { "select 'text' as literal, 7 as number, key from state where service_key = 'obj-00007'", false },
        { "select count(*) as n from state where key like 'k000%'", false },
        { "select upper(key) as u, length(value_utf8) as l from state where service_key = 'obj-00007' order by key", true },
        { "select key, case when value_length > 20 then key else service_key end as longer from state where service_key = 'obj-00007'", false },
        { "select a.service_key, b.key from state a left join state b on a.key = b.key and b.service_key = 'obj-00001' where a.service_key = 'obj-00002'", false },
        { "with t as (select service_key, sum(value_length) as bytes from state group by service_key) select max(bytes) as most from t", false },
        { "select name, ty, revision, public from sys_service order by name", true },
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(ComparedNames))]
    public async Task The_compared_queries_answer_alike(string name)
    {
        ComparedQuery query = ComparedQuery.All(PeerPair.Load).Single(query => query.Name == name);
        await AlikeAsync(query.Sql, query.Ordered);
    }

    [Theory]
    [MemberData(nameof(MoreQueries))]
    public Task Other_queries_answer_alike(string sql, bool ordered) => AlikeAsync(sql, ordered);

    [Theory]
    [InlineData("Counter", """{"object_key":"x","new_state":{"a":[256]}}""", "application/json")]
    [InlineData("Counter", """{"object_key":"x"}""", "application/json")]
    [InlineData("Counter", """{"new_state":{}}""", "application/json")]
    [InlineData("Counter", """{"object_key":"x","new_state":{},"scope":"a b"}""", "application/json")]
    [InlineData("Counter", """{"object_key":"x","new_state":{}}""", "text/plain")]
    [InlineData("Greeter", """{"object_key":"x","new_state":{}}""", "application/json")]
    [InlineData("Nope", """{"object_key":"x","new_state":{"a":[1]}}""", "application/json")]
    [InlineData("Nope", """{"object_key":"x","new_state":{}}""", "application/json")]
    public async Task State_posts_are_refused_alike(string service, string body, string contentType)
    {
        (HttpStatusCode Status, string? Type, string Text) ours = await PostAsync(_pair.Ours, service, body, contentType);
        (HttpStatusCode Status, string? Type, string Text) peer = await PostAsync(_pair.Peer, service, body, contentType);
        Assert.Equal(peer, ours);
    }

    private static async Task<(HttpStatusCode Status, string? Type, string Text)> PostAsync(
        ServerProcess server, string service, string body, string contentType)
    {
        using HttpResponseMessage answer = await server.Admin.SendStateAsync(service, Encoding.UTF8.GetBytes(body), contentType, Cancelled);
        return (answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private async Task AlikeAsync(string sql, bool ordered)
    {
        foreach (AnswerFormat format in new[] { AnswerFormat.Json, AnswerFormat.Arrow })
        {
            AnswerDigest ours = await _pair.Ours.Sql.DigestAsync(sql, format, Cancelled);
            AnswerDigest peer = await _pair.Peer.Sql.DigestAsync(sql, format, Cancelled);
            if (ours.Difference(peer, ordered) is { } difference)
                Assert.Fail($"{format}: {difference}");
        }
    }
}
