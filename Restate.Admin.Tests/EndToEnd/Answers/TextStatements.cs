namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>Functions on text, bytes and lists, and the types of Arrow by name.</summary>
internal static class TextStatements
{
    internal static IReadOnlyList<string> All { get; } =
    [
        "select btrim('  x ') a, trim('  x ') b, ltrim('xxabcxx', 'x') c, rtrim('xxabcxx', 'x') d, btrim('xxabcxx', 'x') e, trim(both 'x' from 'xxabcxx') f, trim(leading 'x' from 'xxa') g",
        "select substr('abcdef', 2, 3) a, substring('abcdef', 2) b, substring('abcdef' from 2 for 3) c, substr('abc', 0, 2) d, substr('abc', -1, 3) e, left('abcdef', 2) f, right('abcdef', 2) g, left('abcdef', -2) h, right('abcdef', -2) i",
        "select strpos('abcdef', 'cd') a, position('cd' in 'abcdef') b, instr('abcdef','cd') c, strpos('abc','z') d, split_part('a-b-c', '-', 2) e, split_part('a-b-c', '-', 9) f, split_part('a-b-c', '-', -1) g",
        "select replace('banana','a','o') a, reverse('abc') b, repeat('ab', 3) c, lpad('7', 3, '0') d, rpad('7', 3, '0') e, lpad('abc', 2) f, lpad('x', 5) g, translate('abc','ab','xy') h",
        "select encode(decode('YWJj','base64'),'hex') a, encode(value,'hex') b, encode(value,'base64') c, md5(value) d from state where service_key='obj-00003' order by key limit 2",
        """select regexp_like('abc','^a') a, regexp_like('ABC','a','i') b, regexp_match('foobar','o+') c, regexp_replace('foobar','o','0') d, regexp_replace('foobar','o','0','g') e, regexp_count('banana','a') f, regexp_replace('a1b2','([0-9])','<\1>','g') g""",
        """select 'abc' like 'a%' a, 'abc' not like '%z' b, 'ABC' ilike 'a_c' c, 'a%c' like 'a\%c' d, 'abc' similar to '(a|b)%' e, 'abc' ~ 'a.c' f, key like 'k000_' g from state where service_key='obj-00003' order by key limit 1""",
        "select string_agg(key, ',' order by key) a, array_agg(key order by key) b, array_agg(distinct service_name) c from state where service_key='obj-00003'",
        "select array_length(string_to_array('a,b,c', ',')) a, string_to_array('a,b', ',') b, array_to_string(make_array(1,2,3), '-') c, [1,2,3] d, make_array('a','b') e, [1,2,3][2] f",
        "select KEY, Service_Name from State where service_key='obj-00003' order by 1 limit 1",
        """select key as "K Y", key as KeY2 from state where service_key='obj-00003' order by 1 limit 1""",
        """select s."key" from "state" s where s."service_key"='obj-00003' order by s."key" limit 1""",
        "select upper('abc') a, lower('ABC') b, length('abc') c, char_length('äb') d, character_length('x') e, octet_length('äb') f, bit_length('äb') g",
        "select starts_with('abc','ab') a, ends_with('abc','bc') b, contains('abc','b') c, find_in_set('b','a,b,c') d, find_in_set('z','a,b') e",
        "select md5('a') a, encode('abc','hex') b, encode('abc','base64') c, to_hex(255) d",
        "select regexp_match('foobarbequebaz', '(bar)(beque)') a, regexp_match('x','y') b, regexp_count('banana','A',1,'i') c, regexp_match('abc', '[(]') d",
        "select ascii('é') a, chr(233) b, to_hex(10) c, uuid() is not null d",
        "select upper(service_name) a, upper(key) b, length(value_utf8) c, octet_length(value_utf8) d, substr(value_utf8, 1, 3) e from state where service_key = 'obj-00003' and key < 'k0004' order by key",
        """select 'It''s' a, E'a\nb' b, 'ünï' c, '' d, '' is null e, '日本' f, length('😀') g""",
        "select array_contains([1,2],1) a, array_has(make_array('x','y'),'y') b, array_append([1],2) c, array_prepend(0,[1]) d, array_concat([1],[2]) e, array_position([1,2],2) f, array_sort([3,1,2]) g",
        "select array_distinct([1,1]) a, cardinality([1,2]) b, array_slice([1,2,3],1,2) c, array_max([1,2]) d, flatten([[1],[2]]) e, array_length([1,2,3]) f, [1,2,3][2] g, array_to_string(['a','b'], '-') h",
        "select arrow_typeof(value_length / 2) a, arrow_typeof(count(*)) b, arrow_typeof(sum(value_length)) c, arrow_typeof(avg(value_length)) d from state group by value_length limit 1",
        "select arrow_cast(1,'Int32') a, arrow_cast(1,'Utf8') b, arrow_cast('2020-01-01','Timestamp(Millisecond, None)') c, arrow_cast('x','LargeUtf8') d, arrow_cast(1.5,'Decimal128(10, 2)') e, arrow_cast('abc', 'Utf8View') f, arrow_cast('2020-01-01','Date32') g",
        "select lpad('abc', 5, 'xy') a, rpad('abc', 5, 'xy') b, lpad('abc', 3, 'x') c, rpad('abc', 1) d, lpad('', 2, '-') e, repeat('ab', 1) f, repeat('é', 3) g, lpad('é', 3, 'ü') h",
        "select substr('abc', 0) a, substr('abc', -5) b, substr('abc', -1, 3) c, substr('abc', 2, 0) d, substr('abc', 5) e, substr('äöü', 2, 1) f",
        """select 'a_c' like 'a\_c' a, 'abc' like 'a\_c' b, 'a%' not like 'a\%' c, 'A%' ilike 'a\%' d, 'abc' like '%' e, 'abc' like '' f""",
        """select key from state where service_key = 'obj-00003' and key like 'k00\_1' order by key""",
        "select key from state where regexp_like(key, '^k000[1-3]$') and service_key = 'obj-00003' order by key",
        "select key, regexp_replace(key, 'k0*', '#') r, regexp_count(key, '0') n from state where service_key = 'obj-00003' and key < 'k0003' order by key",
        "select decode(encode('häß', 'base64'), 'base64') = decode(encode('häß', 'hex'), 'hex') a",
        "select concat(service_key, '/', key) a, concat_ws('/', service_name, service_key, key) b, service_key || ':' || key c from state where service_key = 'obj-00003' and key = 'k0001'",
        "select trim('  a ') || '|' a, ltrim(' a') b, rtrim('a ') c, btrim('xax', 'x') d, replace('aaa', 'a', 'bb') e, translate('12345', '143', 'ax') f, reverse('abc') g",
        "select coalesce(scope, service_key) a, nullif(key, 'k0001') b, nvl(scope, key) c, nvl2(scope, key, service_name) d, greatest(key, 'k0020') e from state where service_key = 'obj-00003' and key < 'k0003' order by key",
    ];
}
