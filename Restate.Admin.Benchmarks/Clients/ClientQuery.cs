using System.Text.Json;
using Restate.Admin.Benchmarks.Support;

namespace Restate.Admin.Benchmarks.Clients;

/// <summary>A statement that clients ask, and how.</summary>
/// <param name="Sql">The statement.</param>
/// <param name="Accept">The form of the answer.</param>
/// <param name="Coding">How it may be compressed; null: not at all.</param>
/// <param name="IsInvalid">True where 400 is the only right answer.</param>
internal sealed record ClientQuery(string Sql, string Accept, string? Coding, bool IsInvalid)
{
    // As the share of each among what many people ask at once: mostly small, now and then everything, rarely something absurd.
    private static readonly (int Weight, string Sql)[] Valid =
    [
        (80, "select key, value_utf8 from state where service_name = 'Counter' and service_key = '{0}'"),
        (40, "select service_key, key, value_length from state where service_key in ('{0}', '{1}', '{2}', '{3}', 'nobody')"),
        (32, "select count(*) as n from state"),
        (32, "select service_key, count(*) as n, sum(value_length) as bytes from state group by service_key"),
        (32, "select service_key, key, value_length from state order by value_length desc, service_key, key limit 20"),
        (16, "select count(*) as n from state a join state b on a.service_key = b.service_key and a.key = b.key"),
        (16, "select service_key, key, row_number() over (partition by service_key order by key) as r from state"),
        (16, "select count(*) as n from (select distinct key, value from state) t"),
        (40, "select * from state"),
        (24, "select id, state, error from sys_queries limit 20"),
        (16, "select * from sys_partition_memory"),

        // Every pair of keys of every object: neither fits nor ends in time.
        (1, "select count(*) as n from (select distinct a.value as v, b.value as w from state a join state b on a.service_key = b.service_key) t"),
        (1, "select count(*) as n from state a, state b where a.value_utf8 || b.key > b.value_utf8 || a.key"),
        (1, "select string_agg(a.value_utf8 || b.value_utf8, ',') from state a join state b on a.service_key = b.service_key"),
    ];

    private static readonly string[] Invalid =
        ["selec 1", "select nothing from nowhere", "select nope from state", "select repeat('x', 100)", "select cast('x' as int)"];

    private static readonly string[] Accepts = ["*/*", "application/json", "application/x-ndjson"];

    private static readonly string?[] Codings = [null, "gzip", "br", "zstd"];

    private const int InvalidOneIn = 15;

    /// <summary>The rows that clients want who do not read them to their end.</summary>
    public static ClientQuery Long(Random random) => New("select * from state a", isInvalid: false, random);

    /// <summary>More rows than any buffer on the way holds, for clients who stop reading.</summary>
    public static ClientQuery Endless(Random random) =>
        New("select a.*, b.key as other from state a join state b on a.service_key = b.service_key", isInvalid: false, random);

    /// <summary>Any of them.</summary>
    public static ClientQuery Any(PostLoad load, Random random)
    {
        if (random.Next(InvalidOneIn) == 0)
            return New(Invalid[random.Next(Invalid.Length)], isInvalid: true, random);
        int at = random.Next(Valid.Sum(query => query.Weight));
        string sql = Valid.First(query => (at -= query.Weight) < 0).Sql;
        for (int i = 0; i < 4; i++)
            sql = sql.Replace($"{{{i}}}", PostLoad.ObjectKey(random.Next(load.Posts)), StringComparison.Ordinal);
        return New(sql, isInvalid: false, random);
    }

    /// <summary>The request body.</summary>
    public string Body => JsonSerializer.Serialize(new Dictionary<string, string> { ["query"] = Sql });

    private static ClientQuery New(string sql, bool isInvalid, Random random) =>
        new(sql, Accepts[random.Next(Accepts.Length)], Codings[random.Next(Codings.Length)], isInvalid);
}
