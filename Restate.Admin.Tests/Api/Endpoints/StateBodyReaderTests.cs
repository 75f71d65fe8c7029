using System.IO.Pipelines;
using CsCheck;
using Restate.Admin.Api.Endpoints;
using Restate.Admin.Tests.Storage.Partitions;
using Restate.Admin.Tests.Storage.Processing;
using Restate.Storage.Processing;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

/// <summary>Bodies of state changes; the answers are those of the peer.</summary>
public sealed class StateBodyReaderTests : IAsyncLifetime
{
    private const string Shape = "Failed to deserialize the JSON body into the target type: ";
    private const string Syntax = "Failed to parse the request body as JSON: ";

    private readonly string _directory = PartitionsUnderTest.NewDirectory();
    private PartitionsUnderTest _node = null!;

    public static TheoryData<string, int, string> Refused => new()
    {
        { """{"object_key":"a","new_state":{"k":[300]}}""", 422, Shape + "new_state.k[0]: invalid value: integer `300`, expected u8 at line 1 column 39" },
        { """{"object_key":"a","new_state":{"k":[1.5]}}""", 422, Shape + "new_state.k[0]: invalid type: floating point `1.5`, expected u8 at line 1 column 39" },
        { """{"object_key":"a","new_state":{"k":[-1]}}""", 422, Shape + "new_state.k[0]: invalid value: integer `-1`, expected u8 at line 1 column 38" },
        { """{"object_key":"a","new_state":{"k":[1,2,256,3]}}""", 422, Shape + "new_state.k[2]: invalid value: integer `256`, expected u8 at line 1 column 43" },
        { """{"object_key":"a","new_state":{"k":5}}""", 422, Shape + "new_state.k: invalid type: integer `5`, expected byte array at line 1 column 36" },
        { """{"object_key":"a","new_state":[1]}""", 422, Shape + "new_state: invalid type: sequence, expected a map at line 1 column 30" },
        { """{"object_key":5,"new_state":{}}""", 422, Shape + "object_key: invalid type: integer `5`, expected a string at line 1 column 15" },
        { """{"new_state":{}}""", 422, Shape + "missing field `object_key` at line 1 column 16" },
        { """{"object_key":"a"}""", 422, Shape + "missing field `new_state` at line 1 column 18" },
        { """{"object_key":"a","object_key":"b","new_state":{}}""", 422, Shape + "duplicate field `object_key` at line 1 column 30" },
        { """[null]""", 422, Shape + "invalid length 1, expected struct ModifyServiceStateRequest with 4 elements at line 1 column 6" },
        { string.Empty, 400, Syntax + "EOF while parsing a value at line 1 column 0" },
    };

    /// <summary>What is accepted, and the rows that follow: object key, scope, version, then entries.</summary>
    public static TheoryData<string, string> Accepted => new()
    {
        { """{"object_key":"a","new_state":{"k":[1,2,255]}}""", "a k=\\01\\02\\ff" },
        { """{"object_key":"a","new_state":{}}""", "a" },
        { """{"object_key":"","new_state":{"":[]}}""", " =" },
        { """[null,"a",null,{"x":"hi"}]""", "a x=hi" },
        { """["v","a","s",{"x":"hi"}]""", "a @s ?v x=hi" },
        { """{"new_state":{"k":"v"},"scope":"s1","version":"abc","object_key":"a"}""", "a @s1 ?abc k=v" },
        { """{"object_key":"a","scope":null,"version":null,"new_state":{"k":"v"}}""", "a k=v" },
        { """{"object_key":"a","new_state":{"k":[1],"k":[2,3]}}""", "a k=\\02\\03" },
        { """{"object_key":"\u0061\n","new_state":{"\u006b":"v"}}""", "a\\0a k=v" },
        { """{"object_key":"a","new_state":{"k":"\"\\\/\b\f\n\r\t"}}""", "a k=\"\\5c/\\08\\0c\\0a\\0d\\09" },
        { """{"object_key":"a","new_state":{"k":"\u00e9\u20ac\ud83d\ude00é"}}""", "a k=\\c3\\a9\\e2\\82\\ac\\f0\\9f\\98\\80\\c3\\a9" },
        { """{"object_key":"a","new_state":{"k":"\ud800"}}""", "a k=\\ed\\a0\\80" },
        { """{"object_key":"a","new_state":{"k":"\ude00\ud83dx"}}""", "a k=\\ed\\b8\\80\\ed\\a0\\bdx" },
        { """{"object_key":"a","other":{"k":[1,{"x":[]}],"new_state":{}},"more":[[]],"text":"x","n":-1.5e3,"b":true,"new_state":{"k":"v"}}""", "a k=v" },
        { " {\r\n \"object_key\" :\t\"a\" , \"new_state\": { \"k\" : [ 1 ,\n2 ] , \"l\" : \"v\" } } \n", "a k=\\01\\02 l=v" },
        { """{"object_key":"a","new_state":{"k":[0, 10 ,200]}}""", "a k=\\00\\0a\\c8" },
    };

    /// <summary>Wrong in ways whose words are ours: the place must be right, and the same however the body arrives.</summary>
    public static TheoryData<string, int, string> AlsoRefused => new()
    {
        { "{\"object_key\":\"a\",\n\"new_state\":\n{\"k\":[\n1,\n300]}}", 422, "at line 5 column 3" },
        { "{\"object_key\":\"a\",\n \"new_state\": 5}", 422, "new_state: invalid type: integer `5`, expected a map at line 2 column 15" },
        { """{"object_key":"a","new_state":{"k":[null]}}""", 422, "new_state.k[0]: invalid type: null, expected u8 at line 1 column 40" },
        { """{"object_key":"a","new_state":{"k":[1,true]}}""", 422, "new_state.k[1]: invalid type: boolean `true`, expected u8" },
        { """{"object_key":"a","new_state":{"k":["x"]}}""", 422, "new_state.k[0]: invalid type: string" },
        { """{"object_key":"a","new_state":{"k":[[1]]}}""", 422, "new_state.k[0]: invalid type: sequence, expected u8" },
        { """{"object_key":"a","new_state":{"k":[{}]}}""", 422, "new_state.k[0]: invalid type: map, expected u8" },
        { """{"object_key":"a","new_state":{"k":[1e2]}}""", 422, "new_state.k[0]: invalid type: floating point `1e2`, expected u8" },
        { """{"object_key":"a","new_state":{"k":[12345678901234567890]}}""", 422, "new_state.k[0]: invalid value: integer `12345678901234567890`, expected u8" },
        { """{"object_key":"a","new_state":{"k":null}}""", 422, "new_state.k: invalid type: null, expected byte array" },
        { """{"object_key":"a","new_state":{"k":{"x":1}}}""", 422, "new_state.k: invalid type: map, expected byte array" },
        { """{"object_key":["a"],"new_state":{}}""", 422, "object_key: invalid type: sequence, expected a string at line 1 column 14" },
        { """{"object_key":null,"new_state":{}}""", 422, "object_key: invalid type: null, expected a string" },
        { """{"object_key":"a","scope":1,"new_state":{}}""", 422, "scope: invalid type: integer `1`, expected a string" },
        { """[null,"a",null,{},5]""", 422, "invalid length 5" },
        { "\"text\"", 422, "invalid type: string \"text\", expected struct ModifyServiceStateRequest" },
        { "5", 422, "invalid type: integer `5`, expected struct ModifyServiceStateRequest" },
        { """{"object_key":"a","new_state":{"k":[01]}}""", 400, "at line 1 column" },
        { """{"object_key":"a","new_state":{"k":[1 2]}}""", 400, "at line 1 column" },
        { """{"object_key":"a","new_state":{"k":[1,]}}""", 400, "at line 1 column" },
        { """{"object_key":"a","new_state":{"k":[,1]}}""", 400, "at line 1 column" },
        { """{"object_key":"a","new_state":{"k":[nul]}}""", 400, "at line 1 column" },
        { """{"object_key":"a","new_state":{"k":[1""", 400, "EOF while parsing" },
        { """{"object_key":"a","new_state":{"k":""", 400, Syntax },
        { """{"object_key":"a","new_state":{}""", 400, Syntax },
        { """{"object_key":"a",}""", 400, Syntax },
        { "{\n\n\"object_key\":x}", 400, "at line 3 column" },
        { "{} {}", 422, "missing field `object_key` at line 1 column 2" },
        { """{"object_key":"a","new_state":{}} x""", 400, Syntax },
        { "   ", 400, Syntax },
        { """{"object_key":"\ud800","new_state":{}}""", 400, Syntax },
        { "{\"object_key\":\"a\",\"new_state\":{\"k\":\"tab\there\"}}", 400, Syntax },
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await PartitionsUnderTest.StartAsync(_directory, count: 1);

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        PartitionsUnderTest.RemoveDirectory(_directory);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_wrong_body_is_refused_in_the_peers_words(string body, int status, string message)
    {
        Assert.Equal($"{status} {message}", await ReadAsync(TestMutations.Bytes(body), []));
        await SameInPiecesAsync(TestMutations.Bytes(body));
    }

    [Theory]
    [MemberData(nameof(AlsoRefused))]
    public async Task A_wrong_body_is_refused_with_the_place(string body, int status, string detail)
    {
        string answer = await ReadAsync(TestMutations.Bytes(body), []);
        Assert.StartsWith($"{status} {(status == 422 ? Shape : Syntax)}", answer, StringComparison.Ordinal);
        Assert.Contains(detail, answer, StringComparison.Ordinal);
        await SameInPiecesAsync(TestMutations.Bytes(body));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task A_right_body_is_taken(string body, string expected)
    {
        Assert.Equal(expected, await ReadAsync(TestMutations.Bytes(body), []));
        await SameInPiecesAsync(TestMutations.Bytes(body));
    }

    [Fact]
    public async Task A_value_may_hold_bytes_that_are_not_text()
    {
        byte[] body = [.. "{\"object_key\":\"a\",\"new_state\":{\"k\":\"x"u8, 0xFF, 0xC3, 0xED, 0xA0, 0x80, .. "\\n\"}}"u8];
        Assert.Equal("a k=x\\ff\\c3\\ed\\a0\\80\\0a", await ReadAsync(body, []));
        await SameInPiecesAsync(body);
    }

    [Fact]
    public async Task Keys_must_be_text()
    {
        byte[] body = [.. "{\"object_key\":\""u8, 0xFF, .. "\",\"new_state\":{}}"u8];
        Assert.StartsWith("400 " + Syntax, await ReadAsync(body, []), StringComparison.Ordinal);
        await SameInPiecesAsync(body);
    }

    [Fact]
    public async Task Any_body_gives_the_same_in_any_pieces()
    {
        string[] bodies = [.. Accepted.Select(row => row.Data.Item1), .. Refused.Select(row => row.Data.Item1), .. AlsoRefused.Select(row => row.Data.Item1)];
        Gen<byte[]> damaged = Gen.Select(Gen.OneOf(bodies), Gen.Int[0, 200], Gen.Byte, Gen.Bool, (body, place, value, damage) =>
        {
            byte[] bytes = TestMutations.Bytes(body);
            if (damage && bytes.Length > 0)
                bytes[place % bytes.Length] = value;
            return bytes;
        });
        await Gen.Select(damaged, Gen.Int[1, 200].Array[0, 6]).SampleAsync(
            async (body, cuts) => Assert.Equal(await ReadAsync(body, []), await ReadAsync(body, cuts)),
            iter: 3_000,
            threads: 1);
    }

    [Fact]
    public async Task The_largest_body_is_taken_and_one_byte_more_is_not()
    {
        byte[] body = new byte[StateBodyReader.MaxBodyBytes + 1];
        body.AsSpan().Fill((byte)'v');
        "{\"object_key\":\"a\",\"new_state\":{\"k\":\""u8.CopyTo(body);
        "\"}}"u8.CopyTo(body.AsSpan(body.Length - 4));
        using (var writer = new StateWriter())
        {
            // In pieces of 4 KiB, as from a socket: a reader that began again with each would not end.
            var reader = new StateBodyReader(writer);
            await FeedAsync(reader, body.AsMemory(0, body.Length - 1), Enumerable.Repeat(4096, body.Length / 4096));
            Assert.Equal("a", reader.ObjectKey);
        }

        Assert.Equal("413 Failed to buffer the request body: length limit exceeded", await ReadAsync([.. body, (byte)' '], [1 << 20]));
    }

    /// <summary>Reads the body cut at every place in two, and byte by byte.</summary>
    private async Task SameInPiecesAsync(byte[] body)
    {
        string whole = await ReadAsync(body, []);
        for (int cut = 1; cut < body.Length; cut++)
            Assert.Equal(whole, await ReadAsync(body, [cut]));
        Assert.Equal(whole, await ReadAsync(body, [.. Enumerable.Repeat(1, body.Length)]));
    }

    /// <summary>Reads a body in pieces of these lengths: its parts and entries as one line, or status and message.</summary>
    private async Task<string> ReadAsync(byte[] body, int[] pieces)
    {
        using var writer = new StateWriter();
        var reader = new StateBodyReader(writer);
        try
        {
            await FeedAsync(reader, body, pieces);
        }
        catch (RequestRejectedException e)
        {
            return $"{e.Status} {e.Message}";
        }

        string head = TestMutations.Show(TestMutations.Bytes(reader.ObjectKey!))
            + (reader.Scope is null ? string.Empty : " @" + reader.Scope)
            + (reader.Version is null ? string.Empty : " ?" + reader.Version);
        return string.Join(' ', [head, .. writer.Entries().Select(entry => $"{TestMutations.Show(entry.Key)}={TestMutations.Show(entry.Value)}")]);
    }

    private static async Task FeedAsync(StateBodyReader reader, ReadOnlyMemory<byte> body, IEnumerable<int> pieces)
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
        Task reading = reader.ReadAsync(pipe.Reader, Cancel);
        foreach (int piece in pieces.Append(int.MaxValue))
        {
            int length = Math.Min(piece, body.Length);
            if (length > 0)
                await pipe.Writer.WriteAsync(body[..length], Cancel);
            body = body[length..];
        }

        await pipe.Writer.CompleteAsync();
        await reading;
        await pipe.Reader.CompleteAsync();
    }
}
