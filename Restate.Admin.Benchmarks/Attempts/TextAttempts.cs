namespace Restate.Admin.Benchmarks.Attempts;

/// <summary>Comments, quoting, Unicode and the size of the text: what means to show the gate another statement than runs.</summary>
internal static class TextAttempts
{
    private const string ReadsSecret = "read_text('@secret@')";

    private static readonly (string Kind, string Sql, string Names)[] Hidden =
    [
        ("comments", "select * from/**/read_text/**/('@secret@')", "read_text"),
        ("comments", "select * from read_text--x\n('@secret@')", "read_text"),
        ("comments", "/* select 1 */ copy (select 1) to '@target@'", "SELECT"),
        ("comments", "/* /* */ select 1 */ set threads = 1", "SELECT"),
        ("comments", "/*! select 1 */ attach '@target@'", "SELECT"),
        ("comments", "--\rcopy (select 1) to '@target@'", ""),
        ("comments", "/* nothing */", ""),
        ("comments", "/* open", ""),
        ("comments", "select 1 /* open", ""),
        ("comments", "select 1 /* /* */", ""),
        ("comments", "-- only this", ""),
        ("comments", "# select 1", ""),
        ("quoting", "select * from $$@secret@$$", ""),
        ("quoting", "select * from read_text($$@secret@$$)", "read_text"),
        ("quoting", "select * from read_text($a$@secret@$a$)", "read_text"),
        ("quoting", "select * from read_text(E'\\x2fetc\\x2fpasswd')", "read_text"),
        ("quoting", "select * from E'\\x2fetc\\x2fpasswd'", ""),
        ("quoting", "select * from \"read_text\"('@secret@')", "read_text"),
        ("quoting", "select * from U&\"read\\005ftext\"('@secret@')", ""),
        ("quoting", "select * from U&'\\002fetc\\002fpasswd'", ""),
        ("quoting", "select * from x'2f657463'", ""),
        ("quoting", "select * from \"a\"\"b\"", "a\"b"),
        ("quoting", "select * from \"\"", ""),
        ("quoting", "select 'open", ""),
        ("quoting", "select \"open", ""),
        ("quoting", "select $$open", ""),
        ("quoting", "select $a$open$b$", ""),
        ("quoting", "select E'open\\'", ""),
        ("quoting", "select '''; drop view state; --' from nope", "nope"),
        ("quoting", "select 'a' \n 'b'; set threads = 1", ""),
        ("quoting", "select `key` from state", ""),
        ("quoting", "select [key] from [state]", ""),
        ("quoting", "select E'\\000'", ""),
        ("quoting", "select chr(0) || ''; select 2", ""),
        ("unicode", "select 1\0; copy (select 1) to '@target@'", "NUL"),
        ("unicode", "\0select 1", "NUL"),
        ("unicode", "ѕelect 1", ""),
        ("unicode", "select * from rеad_text('@secret@')", "rеad_text"),
        ("unicode", "select * from read\u200b_text('@secret@')", ""),
        ("unicode", "select * from read\u2060_text('@secret@')", ""),
        ("unicode", "select * from ｒｅａｄ_ｔｅｘｔ('@secret@')", ""),
        ("unicode", "select * from READ_TEXT('@secret@')", "READ_TEXT"),
        ("unicode", "select * from read_tExT('@secret@')", "read_tExT"),
        ("unicode", "select * from ſtate", "ſtate"),
        ("unicode", "select * from STATE\u0307", ""),
        ("unicode", "select ＇1＇", ""),
        ("unicode", "select ‘1’", ""),
        ("unicode", "select\u00a0*\u00a0from\u00a0read_text('@secret@')", "read_text"),
        ("unicode", "select\u3000*\u3000from\u3000read_text('@secret@')", ""),
        ("unicode", "\ufeffselect * from read_text('@secret@')", ""),
        ("unicode", "select '\u202e' from read_text('@secret@') -- \u202c", "read_text"),
        ("unicode", "select * from \"\u202etxet_daer\"('@secret@')", ""),
        ("unicode", "select 1；select 2", ""),
        ("unicode", "select * from \"K\u212aelvin\"", ""),
        ("unicode", "select * from \ud83d\ude00('@secret@')", ""),
    ];

    // What may run, and must then mean what it says.
    private static readonly (string Kind, string Sql)[] Odd =
    [
        ("comments", "select 1 -- " + ReadsSecret),
        ("comments", "/* " + ReadsSecret + " */ select 1"),
        ("comments", "select 1 /* a /* b */ c */"),
        ("quoting", "select '" + ReadsSecret.Replace("'", "''", StringComparison.Ordinal) + "'"),
        ("quoting", "select $$copy (select 1) to '@target@'$$"),
        ("quoting", "select E'\\u0000041'"),
        ("quoting", "select 'a''b', E'a\\'b', \"key\" from state limit 1"),
        ("unicode", "select '\ud83d\ude00', 'e\u0301', '\u200b', '\u202e' from state limit 1"),
        ("unicode", "select 'x' as \"\ud83d\ude00\""),
        ("unicode", "select length('" + string.Concat(Enumerable.Repeat("\ud83d\udc68\u200d", 1000)) + "')"),
        ("unicode", "select strip_accents('" + string.Concat(Enumerable.Repeat("e\u0301\u0323", 2000)) + "')"),
        ("unicode", "select length_grapheme('e" + new string('\u0301', 5000) + "')"),
        ("unicode", "select reverse('e" + new string('\u0301', 5000) + "')"),
        ("unicode", "select upper('" + new string('\u0149', 3000) + "')"),
        ("unicode", "select nfc_normalize('e" + new string('\u0301', 5000) + "')"),
    ];

    /// <summary>All of them.</summary>
    internal static IEnumerable<Attempt> All =>
    [
        .. Hidden.Select(one => Attempt.Refused(one.Kind, one.Sql, one.Names)),
        .. Odd.Select(one => Attempt.Bounded(one.Kind, one.Sql)),
        .. Large(),
    ];

    private static IEnumerable<Attempt> Large()
    {
        const string Kind = "large text";
        yield return Attempt.RefusedLong(Kind, "60,000 terms with and", $"select 1 from state where {Repeat("key = 'a'", 60_000, " and ")}", "bytes");
        yield return Attempt.RefusedLong(Kind, "10,000 short terms with and", $"select 1 from state where {Repeat("1=1", 10_000, " and ")}", "tokens");
        yield return Attempt.RefusedLong(Kind, "literal of 300 KB", $"select '{new string('x', 300_000)}'", "bytes");
        yield return Attempt.RefusedLong(Kind, "literal of 1.9 MB", $"select '{new string('x', 1_900_000)}'", "bytes");
        yield return Attempt.RefusedLong(Kind, "literal of 20 KB", $"select '{new string('x', 20_000)}'", "literal");
        yield return Attempt.RefusedLong(Kind, "dollar literal of 20 KB", $"select $a${new string('x', 20_000)}$a$", "literal");
        yield return Attempt.RefusedLong(Kind, "name of 20 KB", $"select 1 as \"{new string('x', 20_000)}\"", "literal");
        yield return Attempt.RefusedLong(Kind, "word of 20 KB", $"select {new string('x', 20_000)}", "literal");
        yield return Attempt.RefusedLong(Kind, "number of 15,000 digits", $"select {new string('9', 15_000)}.0 from nope");
        yield return Attempt.RefusedLong(Kind, "emoji of 90 KB", $"select '{Repeat("\ud83d\ude00", 22_000, "")}'", "literal");
        yield return Attempt.RefusedLong(Kind, "100,000 starts of comments", $"select 1 {Repeat("/*", 100_000, "")}");
        yield return Attempt.RefusedLong(Kind, "20,000 empty comments", $"select 1 {Repeat("/**/", 20_000, "")} 2 3", "");
        yield return Attempt.RefusedLong(Kind, "20,000 semicolons", new string(';', 20_000), "tokens");
        yield return Attempt.RefusedLong(Kind, "9,999 semicolons", new string(';', 9_999));
        yield return Attempt.BoundedLong(Kind, "9,000 minus signs", $"select {Repeat("-", 9_000, " ")} 1");
        yield return Attempt.RefusedLong(Kind, "250,000 operator characters", $"select 1 {new string('+', 250_000)} 1");
        yield return Attempt.BoundedLong(Kind, "9,900 operator characters", $"select 1 {new string('~', 9_900)} 1");
        yield return Attempt.BoundedLong(Kind, "250 KB of spaces", $"select 1{new string(' ', 250_000)}");
        yield return Attempt.BoundedLong(Kind, "250 KB of line comments", $"select 1 {Repeat("--\n", 80_000, "")}");
        yield return Attempt.BoundedLong(Kind, "15 literals of 16,000 bytes", $"select {Repeat($"length('{new string('x', 16_000)}')", 15, ", ")} from state");
        yield return Attempt.BoundedLong(Kind, "15 literals for every row", $"select {Repeat($"'{new string('x', 16_000)}'", 15, ", ")} from state");
        yield return Attempt.BoundedLong(Kind, "15 literals sorted for every row", $"select {Repeat($"'{new string('x', 16_000)}' || key", 15, ", ")} from state order by 1");
        yield return Attempt.BoundedLong(Kind, "8,000 statements in words", $"select {Repeat("select", 8_000, " ")}");
        foreach (string token in (string[])["(", ")", "[", "]", "{", "}", ",", ".", "*", "::int", "->", "->>", "||", "'a'", "\"a\"", "1", "a", "not", "case", "when", "select", "from", "(select", "with a as (", "join", "union", "?", "$1", ":a", "@", "#1", "=>", ":=", "lambda x:", "x ->", "is null", "between", "in (", "order by", "over (", "cast(", "interval", "date '", "values (", "lateral ("])
            yield return Attempt.RefusedLong("repetition", $"9,000 times {token}", $"select {Repeat(token, 9_000, " ")}");
    }

    private static string Repeat(string text, int times, string between) => string.Join(between, Enumerable.Repeat(text, times));
}
