using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using Restate.Admin.Benchmarks.Support;
using Restate.Admin.Tests.Api.Query;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Answers;

/// <summary>
/// Statements over the same state, services and deployments, by theme: our answers have the peer's values, column names and Arrow types,
/// in JSON and in Arrow. What differs on purpose is in <see cref="Differences"/>, and differs still.
/// </summary>
[Collection(EndToEndCollection.Name)]
public sealed class AnswerTests : IClassFixture<PeerPair>
{
    /// <summary>Fewer would be a theme that went missing.</summary>
    private const int LeastStatements = 220;

    private static readonly Dictionary<string, IReadOnlyList<string>> Themes = new()
    {
        [nameof(NumberStatements)] = NumberStatements.All,
        [nameof(TextStatements)] = TextStatements.All,
        [nameof(TimeStatements)] = TimeStatements.All,
        [nameof(JsonStatements)] = JsonStatements.All,
        [nameof(AggregateStatements)] = AggregateStatements.All,
        [nameof(ShapeStatements)] = ShapeStatements.All,
        [nameof(NameStatements)] = NameStatements.All,
        [nameof(WebUiStatements)] = WebUiStatements.All,
        [nameof(DocumentedStatements)] = DocumentedStatements.All,
        [nameof(CliEngine)] = [.. CliEngine.Statements.Values],
    };

    private readonly PeerPair _pair;

    public AnswerTests(PeerPair pair)
    {
        Installed.RequireSdkService();
        Installed.RequirePeer();
        _pair = pair;
    }

    public static TheoryData<string, string> Statements
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string theme, IReadOnlyList<string> statements) in Themes)
            {
                foreach (string sql in statements)
                    data.Add(theme, sql);
            }

            return data;
        }
    }

    public static TheoryData<string> Titles => [.. Differences.All.Select(difference => difference.Title)];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Statements), DisableDiscoveryEnumeration = true)]
    public async Task Answers_as_the_peer(string theme, string sql)
    {
        bool isOrdered = IsOrdered(sql);
        foreach (AnswerFormat format in new[] { AnswerFormat.Json, AnswerFormat.Arrow })
        {
            AnswerDigest ours = await _pair.Ours.Sql.DigestAsync(sql, format, Cancelled);
            AnswerDigest peer = await _pair.Peer.Sql.DigestAsync(sql, format, Cancelled);
            if (ours.Difference(peer, isOrdered) is { } difference)
            {
                Assert.Fail(
                    $"{theme}, {format}: {difference}\nours: {Start(await _pair.Ours.Sql.JsonAsync(sql, Cancelled))}\npeer: {Start(await _pair.Peer.Sql.JsonAsync(sql, Cancelled))}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Titles), DisableDiscoveryEnumeration = true)]
    public async Task Differs_from_the_peer_as_it_is_listed(string title)
    {
        Difference difference = Differences.All.Single(difference => difference.Title == title);
        Assert.NotEqual(difference.Peer, difference.Ours);
        await AnswersAsync(difference, difference.Ours, _pair.Ours);
        await AnswersAsync(difference, difference.Peer, _pair.Peer);
    }

    [Fact]
    public void There_are_as_many_different_statements_as_were_promised() =>
        Assert.InRange(Themes.Values.SelectMany(statements => statements).Distinct().Count(), LeastStatements, int.MaxValue);

    /// <summary>True when the rows of the statement itself, and not of a part of it, have an order.</summary>
    private static bool IsOrdered(string sql) =>
        sql.LastIndexOf("order by", StringComparison.OrdinalIgnoreCase) > sql.LastIndexOf(')');

    private static string Start(string text) => text.Length > 600 ? text[..600] : text;

    private static async Task AnswersAsync(Difference difference, string expected, ServerProcess server)
    {
        try
        {
            string json = await server.Sql.JsonAsync(difference.Statement, Cancelled);
            string answer = json[@"{""rows"":".Length..^1];
            if (difference.IsOfTypes)
            {
                Schema schema = await server.Sql.SchemaAsync(difference.Statement, Cancelled);
                answer = string.Join(", ", schema.FieldsList.Select(field => TypeText(field.DataType)));
            }

            if (expected.EndsWith('…'))
                Assert.StartsWith(expected[..^1], answer, StringComparison.Ordinal);
            else
                Assert.Equal(expected, answer);
        }
        catch (SqlException e)
        {
            string message = JsonDocument.Parse(e.Body).RootElement.GetProperty("message").GetString() ?? "";
            Assert.StartsWith(expected, $"{(int)e.Status}: {message}", StringComparison.Ordinal);
        }
    }

    private static string TypeText(IArrowType type) => type switch
    {
        TimestampType time => $"Timestamp({time.Unit}, {time.Timezone ?? "None"})",
        DurationType duration => $"Duration({duration.Unit})",
        Time64Type time => $"Time64({time.Unit})",
        LargeBinaryType => "LargeBinary",
        BinaryType => "Binary",
        ListType list => $"List({TypeText(list.ValueDataType)})",
        StringType => "Utf8",
        StringViewType => "Utf8View",
        LargeStringType => "LargeUtf8",
        FloatType => "Float32",
        DoubleType => "Float64",
        _ => type.Name,
    };
}
