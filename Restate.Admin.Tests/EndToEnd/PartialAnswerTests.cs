using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Apache.Arrow.Ipc;
using Restate.Admin.Tests.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd;

/// <summary>Answers without the partitions that are not available, on the built program.</summary>
/// <param name="state">A server with four partitions; each test leaves them open.</param>
[Collection(EndToEndCollection.Name)]
public sealed class PartialAnswerTests(StateServer state) : IClassFixture<StateServer>
{
    private const string MissingHeader = "x-restate-missing-partitions";
    private const int Objects = 40;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Closed_partitions_are_left_out_and_named()
    {
        Installed.RequireSdkService();
        string[] objects = [.. Enumerable.Range(0, Objects).Select(_ => state.NewObject())];
        foreach (string name in objects)
            await state.AcceptedAsync($$$"""{"object_key":"{{{name}}}","new_state":{"a":[49]}}""");
        foreach (string name in objects)
            await state.ShowsAsync(name, "a=31");
        string count = "select count(*) as n from state where service_key like 'object-%'";
        await state.Server.Admin.MovePartitionAsync(1, open: false, Cancelled);
        await state.Server.Admin.MovePartitionAsync(3, open: false, Cancelled);
        try
        {
            (HttpStatusCode status, string? missing, string text) = await AskAsync(count, "true");
            Assert.Equal((HttpStatusCode.OK, "1, 3"), (status, missing));
            int some = JsonDocument.Parse(text).RootElement.GetProperty("rows")[0].GetProperty("n").GetInt32();
            Assert.InRange(some, 1, Objects - 1);

            // A lookup names what it lacks, and nothing else.
            int found = 0;
            var lacking = new HashSet<string?>();
            foreach (string name in objects)
            {
                (status, missing, text) = await AskAsync($"select key from state where service_name = 'Counter' and service_key = '{name}'", "true");
                Assert.Equal(HttpStatusCode.OK, status);
                Assert.Equal(missing is null ? """{"rows":[{"key":"a"}]}""" : """{"rows":[]}""", text);
                found += missing is null ? 1 : 0;
                if (missing is not null)
                    lacking.Add(missing);
            }

            Assert.Equal(some, found);
            Assert.Equal(["1", "3"], lacking.Order());

            // Joins read the same partitions on both sides; tables without partitions lack nothing.
            (status, missing, text) = await AskAsync($"select count(*) as n from state a join state b on a.service_key = b.service_key and a.key = b.key where a.service_key like 'object-%'", "true");
            Assert.Equal((HttpStatusCode.OK, "1, 3", $$$"""{"rows":[{"n":{{{some}}}}]}"""), (status, missing, text));
            (status, missing, _) = await AskAsync("select * from sys_service", "true");
            Assert.Equal((HttpStatusCode.OK, null), (status, missing));

            foreach (string? header in new[] { null, "false" })
            {
                (status, missing, text) = await AskAsync(count, header);
                Assert.Equal((HttpStatusCode.ServiceUnavailable, null), (status, missing));
                Assert.Equal("""{"message":"partition 1 is not available: it is closed"}""", text);
            }
        }
        finally
        {
            await state.Server.Admin.MovePartitionAsync(1, open: true, Cancelled);
            await state.Server.Admin.MovePartitionAsync(3, open: true, Cancelled);
        }

        Assert.Equal((HttpStatusCode.OK, null, $$$"""{"rows":[{"n":{{{Objects}}}}]}"""), await AskAsync(count, "true"));
    }

    [Fact]
    public async Task An_Arrow_answer_without_any_partition_has_its_columns()
    {
        Installed.RequireSdkService();
        for (int i = 0; i < 4; i++)
            await state.Server.Admin.MovePartitionAsync(i, open: false, Cancelled);
        try
        {
            using HttpResponseMessage answer = await SendAsync("select service_key, value from state", "*/*", "true");
            Assert.Equal("0, 1, 2, 3", Assert.Single(answer.Headers.GetValues(MissingHeader)));
            using var reader = new ArrowStreamReader(await answer.Content.ReadAsStreamAsync(Cancelled));
            Assert.Equal(["service_key", "value"], (await reader.GetSchema(Cancelled)).FieldsList.Select(field => field.Name));
            while (await reader.ReadNextRecordBatchAsync(Cancelled) is { } batch)
                Assert.Equal(0, batch.Length);
        }
        finally
        {
            for (int i = 0; i < 4; i++)
                await state.Server.Admin.MovePartitionAsync(i, open: true, Cancelled);
        }
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("True")]
    [InlineData("1")]
    [InlineData("true, true")]
    [InlineData("")]
    public async Task Another_value_is_refused_by_name(string value)
    {
        Installed.RequireSdkService();
        (HttpStatusCode status, _, string text) = await AskAsync("select 1 as x", value);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal($"the header x-restate-allow-partial is '{value}', expected true or false", JsonDocument.Parse(text).RootElement.GetProperty("message").GetString());
    }

    private async Task<(HttpStatusCode Status, string? Missing, string Text)> AskAsync(string sql, string? allowPartial)
    {
        using HttpResponseMessage answer = await SendAsync(sql, "application/json", allowPartial);
        string? missing = answer.Headers.TryGetValues(MissingHeader, out IEnumerable<string>? values) ? string.Join(", ", values) : null;
        return (answer.StatusCode, missing, await answer.Content.ReadAsStringAsync(Cancelled));
    }

    private async Task<HttpResponseMessage> SendAsync(string sql, string accept, string? allowPartial)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/query") { Content = JsonContent.Create(new { query = sql }) };
        request.Headers.Accept.ParseAdd(accept);
        if (allowPartial is not null)
            request.Headers.TryAddWithoutValidation("x-restate-allow-partial", allowPartial);
        return await state.Server.Admin.Http.SendAsync(request, Cancelled);
    }
}
