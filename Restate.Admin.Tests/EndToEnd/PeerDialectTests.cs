using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>The peer's dialect: the same statements give the same values, column names and types.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class PeerDialectTests : IClassFixture<PeerPair>
{
    private readonly PeerPair _pair;

    public PeerDialectTests(PeerPair pair)
    {
        Installed.RequireSdkService();
        Installed.RequirePeer();
        _pair = pair;
    }

    public static TheoryData<string, bool> Statements => new()
    {
        { "select count(*), count(1), COUNT(key), count(distinct service_name) from state", false },
        { "select sum(value_length), min(key), max(key), avg(value_length) from state", false },
        { "select sum(s.value_length), min(s.key), MAX(s.service_key) from state s", false },
        { "select 1, 'x', true, -1", false },
        { "select service_key, count(*) from state group by service_key order by service_key", true },
        { "select count(*) as N, count(*) as \"M\" from state", false },
        { "select Key as K from state where service_key = 'obj-00003' order by k", true },
        { "select key = 'k0001', key != 'k0001', value_length > 3 and key_length < 9 from state where service_key = 'obj-00003'", false },
        { "select scope is null, key is not null, key in ('k0001', 'k0002'), key like 'k%', value_length between 1 and 100 from state where service_key = 'obj-00003'", false },
        { "select count(*) filter (where key = 'k0001'), sum(value_length) filter (where key > 'k0001') from state", false },
        { "select first_value(key order by key desc), last_value(key order by key) from state", false },
        { "select FIRST_VALUE(key ORDER BY key ASC) as oldest, nth_value(key, 2 order by key) as second from state where service_key = 'obj-00003'", false },
        { "select service_key, first_value(key order by key) as f, count(1) as n from state group by service_key", false },
        { "select first_value(service_name) as f, first_value(scope) as s from state", false },
        { "select COUNT(1) FROM (SELECT * FROM state inv LIMIT 50000) WHERE inv.service_key IN ('obj-00001', 'obj-00002')", false },
        { "select count(*) from (select * from state inv limit 50000) where service_name != 'x'", false },
        { "select state.key from (select * from state) where state.service_key = 'obj-00003'", false },
        { "select inv.key, inv.value_length from (select * from (select * from state inv)) where inv.service_key = 'obj-00003' order by inv.key", true },
        { "select count(inv.key) from (select inv.* from state inv)", false },
        { "select count(v.name), count(s.key) from (select * from state s join sys_service v on s.service_name = v.name)", false },
        { "select count(*) from (select * from state a) join (select * from state b) on a.service_key = b.service_key and a.key = b.key", false },
        { "select count(*) from (select * from state inv) where inv.service_name in (select name from sys_service where ty = 'virtual_object')", false },
        { "select count(t.key), max(t.key) from (select * from state) as t", false },
        { "with t as (select * from state) select count(t.key), sum(value_length) from t", false },
        { "select count(*) from \"restate\".\"public\".\"state\"", false },
        { "select count(*) from public.state where public.state.service_key = 'obj-00001'", false },
        { "select count(key) from public.state", false },
        { "select * from (select count(*) from state)", false },
        { "select \"count(*)\" from (select count(*) from state)", false },
        { "select count(*) from state where key == 'k0001'", false },
        { "select count(*) from state ;", false },
        { "-- a comment\nselect count(*) -- another\nfrom state /* and\nmore */", false },
        { "select 'abc' ~ 'b' as a, 'abc' ~ '^b' as b, 'abc' !~ 'b' as c, 'ABC' ~* 'b' as d, 'ABC' !~* 'b' as e", false },
        { "select count(*) from state where key ~ '1'", false },
        { "select count(*) from state where key ilike 'K000%'", false },
        { "select arrow_cast(key_length, 'Int64') as n from state where service_key = 'obj-00003'", false },
        { "select now() > '2020-01-01T00:00:00Z' as later, now() - interval '1 hour' < now() as earlier", false },
        { "select service_name, count(*) as n from state group by 1 order by 2 desc, 1", true },
        { "select max(n) from (select service_key, count(*) as n from state group by service_key)", false },
        { "select name, ty, public from sys_service where ty in ('virtual_object', 'service') order by name", true },
        { "select s.name, count(state.key) from sys_service s left join state on state.service_name = s.name group by s.name", false },
        { "select distinct service_name, key_length from state", false },
        { "select key from state where service_key = 'obj-00001' union select key from state where service_key = 'obj-00002'", false },
        { "select sum(value_length) over (partition by service_key) as s from state where service_key in ('obj-00001', 'obj-00002')", false },
    };

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Answers_as_the_peer(string sql, bool isOrdered)
    {
        foreach (AnswerFormat format in new[] { AnswerFormat.Json, AnswerFormat.Arrow })
        {
            AnswerDigest ours = await _pair.Ours.Sql.DigestAsync(sql, format, Cancelled);
            AnswerDigest peer = await _pair.Peer.Sql.DigestAsync(sql, format, Cancelled);
            if (ours.Difference(peer, isOrdered) is { } difference)
                Assert.Fail($"{format}: {difference}");
        }
    }
}
