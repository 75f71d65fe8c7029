namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>Times, dates, spans and what is computed from them.</summary>
internal static class TimeStatements
{
    internal static IReadOnlyList<string> All { get; } =
    [
        "select date_trunc('hour', '2024-03-05T10:11:12.345Z'::timestamp) a, date_trunc('day', timestamp '2024-03-05 10:11:12') b, date_trunc('month', date '2024-03-05') c, date_trunc('week', timestamp '2024-03-05 10:11:12') d, date_trunc('minute', to_timestamp('2024-03-05T10:11:12Z')) e",
        "select date_bin(interval '15 minutes', timestamp '2024-03-05 10:11:12') a, date_bin(interval '1 hour', timestamp '2024-03-05 10:11:12', timestamp '2024-01-01') b, date_bin(interval '5 minutes', timestamp '2024-03-05 10:11:12', timestamp '1970-01-01 00:02:00') c",
        "select to_timestamp('2024-03-05T10:11:12Z') a, to_timestamp(1700000000) b, to_timestamp_seconds(1700000000) c, to_timestamp_millis(1700000000123) d, to_timestamp_micros(1700000000123456) e, to_timestamp_nanos(1700000000123456789) f, from_unixtime(1700000000) g, to_unixtime('2024-03-05T10:11:12Z') h",
        "select to_timestamp_millis('2024-03-05T10:11:12.123Z') a, to_timestamp_seconds('2024-03-05 10:11:12') b, to_timestamp(1700000000.5) c, to_date('2024-03-05') d, make_date(2024, 3, 5) e, to_char(date '2024-03-05', '%Y/%m/%d') f, date_format(timestamp '2024-03-05 10:11:12', '%H:%M') g",
        "select interval '1 day' a, interval '1 month 2 days' b, interval '90 minutes' c, interval '1 year' d, interval '1.5 hours' e",
        "select timestamp '2024-03-05 10:11:12' > '2024-03-05' a, date '2024-03-05' = '2024-03-05' b, timestamp '2024-03-05' between '2024-01-01' and '2024-12-31' c",
        "select cast(now() as varchar) like '20%' a, cast(timestamp '2024-03-05 10:11:12' as varchar) b, cast(date '2024-03-05' as varchar) c, timestamp '2024-03-05 10:11:12'::date d, date '2024-03-05'::timestamp e, timestamp '2024-03-05 10:11:12.5'::bigint f",
        "select to_timestamp_millis(0)::bigint a, cast(to_timestamp_millis(5) as bigint) b, to_timestamp(0)::bigint c",
        "select date_trunc('day', created_at) is not null a, created_at < now() b, created_at > now() - interval '1 day' c, date_part('year', created_at) >= 2024 d from sys_deployment",
        "select now() = now() a, now() >= current_timestamp b, current_date <= today() c, arrow_typeof(to_unixtime(now())) d",
        "select count(*) from sys_deployment where created_at > '2024-01-01T00:00:00Z'",
        "select count(*) from sys_deployment where created_at > '2024-01-01' and created_at < now() + interval '1 minute'",
        "select date_trunc('year', created_at) = date_trunc('year', now()) a from sys_deployment",
        "select date_part('year', timestamp '2024-03-05 10:11:12') a, date_part('month', date '2024-03-05') b, date_part('hour', timestamp '2024-03-05 10:11:12') c, date_part('epoch', timestamp '2024-03-05 10:11:12.5') d, date_part('dow', date '2024-03-05') e, date_part('second', timestamp '2024-03-05 10:11:12.5') f",
        "select date_part('doy', date '2024-12-31') a, date_part('week', date '2024-12-31') b, date_part('quarter', date '2024-12-31') c, datepart('day', date '2024-12-31') d, date_part('millisecond', timestamp '2024-03-05 10:11:12.5') e, date_part('microsecond', timestamp '2024-03-05 10:11:12.5') f, date_part('minute', timestamp '2024-03-05 10:11:12') g",
        "select arrow_typeof(now()) a, arrow_typeof(current_date) b, arrow_typeof(interval '1 hour') c, arrow_typeof(now() - interval '1 day') d, arrow_typeof(now() - now()) e, arrow_typeof(today()) f",
        "select arrow_typeof(created_at) a, arrow_typeof(date_trunc('hour', created_at)) b, arrow_typeof(date_bin(interval '1 hour', created_at)) c, arrow_typeof(now() - created_at) d, arrow_typeof(date_part('hour', created_at)) e, arrow_typeof(created_at::date) f, arrow_typeof(to_timestamp_seconds(1)) g from sys_deployment",
        "select date '2024-03-05' + interval '1 day' a, timestamp '2024-03-05 10:11:12' - interval '1 hour 30 minutes' b, date '2024-03-05' - date '2024-03-01' c, date '2024-03-31' + interval '1 month' d, date '2024-03-05' + 1 e, interval '1 day' + timestamp '2024-03-05' f",
        "select timestamp '2024-03-05 10:11:12' a, date '2024-03-05' b, '2024-03-05T10:11:12Z'::timestamp c, '2024-03-05T10:11:12Z'::timestamptz d, cast('2024-03-05' as date) e, cast('2024-03-05T10:11:12+02:00' as timestamp) f, timestamp '2024-03-05T10:11:12.123456' g",
        "select to_local_time(timestamp '2024-03-05 10:11:12') a, to_timestamp('2024-03-05') b, to_timestamp_seconds('2024-03-05T10:11:12+02:00') c",
        "select date_trunc('day', t) d, count(*) n from (values (timestamp '2024-03-05 10:11:12'), (timestamp '2024-03-05 23:00:00'), (timestamp '2024-03-06 00:00:00')) v(t) group by d order by d",
        "select date_bin(interval '1 day', t) d, min(t) lo, max(t) hi from (values (timestamp '2024-03-05 10:11:12'), (timestamp '2024-03-05 23:00:00'), (timestamp '2024-03-06 00:00:00')) v(t) group by d order by d",
        "select date_trunc('quarter', date '2024-05-05') a, date_trunc('year', timestamp '2024-05-05 01:02:03') b, date_trunc('second', timestamp '2024-05-05 01:02:03.9') c, date_trunc('millisecond', timestamp '2024-05-05 01:02:03.9876') d",
        "select cast(timestamp '2024-03-05 10:11:12.5' as varchar) a, cast(timestamp '2024-03-05 10:11:12.123456' as varchar) b, timestamp '2024-03-05 10:11:12'::varchar c, date '2024-03-05'::varchar d",
        "select count(*) from sys_deployment where date_part('year', created_at) > 2020 and created_at <= now()",
        "select count(*) from sys_deployment where cast(created_at as varchar) like '20%Z'",
        "select date_trunc('hour', created_at) <= created_at a, date_trunc('day', now()) <= now() b, to_unixtime(created_at) > 1700000000 c, now() - created_at < interval '1 day' d from sys_deployment",
        "select to_char(timestamp '2024-03-05 10:11:12', '%Y-%m-%d %H:%M:%S') a, to_char(date '2024-03-05', '%d.%m.%Y') b, date_format(timestamp '2024-03-05 10:11:12', '%j') c",
    ];
}
