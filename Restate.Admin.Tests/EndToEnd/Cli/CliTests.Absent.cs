using System.Net;
using System.Text;
using Restate.Admin.Benchmarks.Support;
using Xunit;

namespace Restate.Admin.Tests.EndToEnd.Cli;

/// <summary>The routes behind the client for what neither server has: invocations, subscriptions, Kafka clusters, rules, virtual queues.</summary>
public sealed partial class CliTests
{
    private const string Invocation = "/invocations/inv_1fUcEDUCTgWj2J83bAe8GbcFVGq8pneARO";

    public static TheoryData<string, string, string?> AbsentResources => new()
    {
        { "PATCH", $"{Invocation}/cancel", null },
        { "PATCH", $"/v2{Invocation}/kill", null },
        { "PATCH", $"/v3{Invocation}/purge", null },
        { "PATCH", $"/v4{Invocation}/purge-journal", null },
        { "PATCH", $"{Invocation}/pause", null },
        { "PATCH", $"{Invocation}/resume", null },
        { "PATCH", $"{Invocation}/resume?deployment=latest", null },
        { "PATCH", $"{Invocation}/resume?deployment=dp_131VxC8Dz7iarncvzEBhjDX", null },
        { "PATCH", $"{Invocation}/resume?deployment=rubbish", null },
        { "PATCH", $"{Invocation}/restart-as-new", null },
        { "PATCH", $"{Invocation}/restart-as-new?from=1", null },
        { "PATCH", $"{Invocation}/restart-as-new?from=x", null },
        { "PATCH", $"{Invocation}/restart-as-new?deployment=rubbish", null },
        { "PATCH", "/invocations/rubbish/restart-as-new?deployment=rubbish", null },
        { "PATCH", "/invocations/rubbish/cancel", null },
        { "PATCH", "/invocations/inv_2abc/cancel", null },
        { "PATCH", "/invocations/inv_1abc/kill", null },
        { "PATCH", $"{Invocation}/rubbish", null },
        { "DELETE", Invocation, null },
        { "DELETE", $"{Invocation}?mode=Kill", null },
        { "DELETE", $"{Invocation}?mode=rubbish", null },
        { "DELETE", "/invocations/rubbish", null },
        { "GET", Invocation, null },
        { "GET", "/subscriptions", null },
        { "GET", "/subscriptions?sink=service://A/b&source=x", null },
        { "GET", "/subscriptions/sub_16CQUlphiixt9i2ujpONA0V", null },
        { "GET", "/subscriptions/sub_1aaa", null },
        { "DELETE", "/subscriptions/sub_16CQUlphiixt9i2ujpONA0V", null },
        { "DELETE", "/subscriptions/rubbish", null },
        { "POST", "/subscriptions", """{"source":"kafka://c1/t","sink":"service://Counter/add"}""" },
        { "POST", "/subscriptions", """{"source":"kafka://c1/t","sink":"service://Nope/add"}""" },
        { "POST", "/subscriptions", """{"source":"http://c1/t","sink":"service://Counter/add"}""" },
        { "POST", "/subscriptions", """{"source":"kafka://c1/t","sink":"x"}""" },
        { "GET", "/kafka-clusters", null },
        { "GET", "/kafka-clusters/c1?include_subscriptions=true", null },
        { "GET", "/kafka-clusters/c1?include_subscriptions=x", null },
        { "DELETE", "/kafka-clusters/c1", null },
        { "DELETE", "/kafka-clusters/c1?force=x", null },
        { "POST", "/kafka-clusters", """{"name":"c1","properties":{}}""" },
        { "PATCH", "/kafka-clusters/c1", """{"properties":{}}""" },
        { "PATCH", "/kafka-clusters/c1", """{"properties":{"bootstrap.servers":"x"}}""" },
        { "PUT", "/limits/rules", "[]" },
        { "GET", "/limits/rules", null },
        { "POST", "/limits/rules/bulk-delete", """[{"pattern":"nope"}]""" },
        { "POST", "/limits/rules/bulk-delete", """[{"pattern":"nope","expected_version":1}]""" },
        { "POST", "/vqueues/vq_rubbish/pause", null },
    };

    public static TheoryData<string, string, string?, string> Unsupported => new()
    {
        { "POST", "/kafka-clusters", """{"name":"c1","properties":{"bootstrap.servers":"x:9092"}}""", "Kafka clusters are not supported" },
        { "PUT", "/limits/rules", """[{"pattern":"s1/*","limits":{"concurrency":5}}]""", "concurrency-limit rules are not supported" },
        { "POST", "/vqueues/vq_1000000000000000000000000000000000/pause", null, "virtual queues are not supported" },
        { "POST", "/vqueues/vq_1000000000000000000000000000000000/resume", null, "virtual queues are not supported" },
    };

    [Theory]
    [MemberData(nameof(AbsentResources))]
    public async Task What_is_absent_is_answered_alike(string method, string path, string? body) =>
        Assert.Equal(await AnswerAsync(_pair.Peer.Server, method, path, body), await AnswerAsync(_pair.Ours.Server, method, path, body));

    [Theory]
    [MemberData(nameof(Unsupported))]
    public async Task What_is_not_supported_says_so(string method, string path, string? body, string words)
    {
        string answer = await AnswerAsync(_pair.Ours.Server, method, path, body);
        Assert.StartsWith("501 application/json", answer, StringComparison.Ordinal);
        Assert.Contains(words, answer, StringComparison.Ordinal);
    }

    private static async Task<string> AnswerAsync(ServerProcess server, string method, string path, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await server.Admin.Http.SendAsync(request, Cancelled);
        string allow = answer.StatusCode == HttpStatusCode.MethodNotAllowed ? $" allow={string.Join(',', answer.Content.Headers.Allow.Order())}" : string.Empty;
        return $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType}{allow}\n{await answer.Content.ReadAsStringAsync(Cancelled)}";
    }
}
