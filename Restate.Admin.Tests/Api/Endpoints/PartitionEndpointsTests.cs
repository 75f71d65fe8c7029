using System.Text.Json;
using Restate.Admin.Tests.Storage.Rocks;
using Restate.Storage.Processing;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Api.Endpoints;

public sealed class PartitionEndpointsTests : IAsyncLifetime
{
    private StateApplication _api = null!;

    public async ValueTask InitializeAsync() => _api = await StateApplication.StartAsync();

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Fact]
    public async Task Partitions_are_listed_with_all_there_is_to_know()
    {
        (int status, _, string text) = await _api.SendAsync(HttpMethod.Get, "/partitions");
        Assert.Equal(200, status);
        JsonElement[] partitions = [.. JsonElement.Parse(text).GetProperty("partitions").EnumerateArray()];
        Assert.Equal(2, partitions.Length);
        Assert.Equal(
            """{"partition_id":0,"state":"open","key_range":{"start":0,"end":9223372036854775807},"leader_epoch":1,"applied_lsn":1,"durable_lsn":0,"tail_lsn":1,"trim_point":0,"scans":0,"failure":null,"restarts":0,"restart_at":null}""",
            partitions[0].GetRawText());
        Assert.Equal(partitions[1].GetRawText(), (await _api.SendAsync(HttpMethod.Get, "/partitions/1")).Text);
    }

    [Fact]
    public async Task Close_and_open_answer_at_once_with_where_it_stands()
    {
        (int status, _, string text) = await _api.SendAsync(HttpMethod.Post, "/partitions/0/close");
        Assert.Equal(202, status);
        Assert.Contains(JsonElement.Parse(text).GetProperty("state").GetString(), (string[])["draining", "closed"]);
        await StateIsAsync(PartitionState.Closed);
        Assert.Contains("\"state\":\"closed\"", (await _api.SendAsync(HttpMethod.Get, "/partitions/0")).Text, StringComparison.Ordinal);
        Assert.Equal(202, (await _api.SendAsync(HttpMethod.Post, "/partitions/0/close")).Status);

        Assert.Equal(202, (await _api.SendAsync(HttpMethod.Post, "/partitions/0/open")).Status);
        await StateIsAsync(PartitionState.Open);
        Assert.Equal(202, (await _api.PostStateAsync("""{"object_key":"a","new_state":{"x":"1"}}""")).Status);
    }

    [Fact]
    public async Task A_partition_that_cannot_open_shows_the_reason()
    {
        await _api.Node.Partitions.CloseAsync(new PartitionId(0));
        _api.Node.BeforeOpen = _ => throw new StorageException("the disk is gone");
        Assert.Equal(202, (await _api.SendAsync(HttpMethod.Post, "/partitions/0/open")).Status);
        await StateIsAsync(PartitionState.Failed);
        JsonElement partition = JsonElement.Parse((await _api.SendAsync(HttpMethod.Get, "/partitions/0")).Text);
        Assert.Equal(("failed", "the disk is gone"), (partition.GetProperty("state").GetString(), partition.GetProperty("failure").GetString()));
    }

    [Fact]
    public async Task Flush_makes_what_is_applied_durable()
    {
        await _api.PostStateAsync("""{"object_key":"a","new_state":{"x":"1"}}""");
        await _api.Node.AppliedAsync();
        Assert.Equal(0UL, _api.Node.Status(0).DurableLsn.Value);
        Assert.Equal(202, (await _api.SendAsync(HttpMethod.Post, "/partitions/0/flush")).Status);
        await Eventually.HoldsAsync(() => _api.Node.Status(0).DurableLsn.Value == 2, "the partition is flushed");
    }

    [Theory]
    [InlineData("GET", "/partitions/2", 404, "The requested partition '2' does not exist; partitions are 0 to 1")]
    [InlineData("POST", "/partitions/65535/close", 404, "The requested partition '65535' does not exist; partitions are 0 to 1")]
    [InlineData("GET", "/partitions/x", 400, "The path parameter 'id' is invalid: 'x' is not a partition number, 0 to 1")]
    [InlineData("POST", "/partitions/-1/open", 400, "The path parameter 'id' is invalid: '-1' is not a partition number, 0 to 1")]
    [InlineData("POST", "/partitions/65536/flush", 400, "The path parameter 'id' is invalid: '65536' is not a partition number, 0 to 1")]
    public async Task A_partition_that_does_not_exist_is_named(string method, string path, int status, string message)
    {
        (int answer, _, string text) = await _api.SendAsync(new HttpMethod(method), path);
        Assert.Equal((status, message), (answer, JsonElement.Parse(text).GetProperty("message").GetString()));
    }

    [Theory]
    [InlineData("GET", "/partitions/0/close")]
    [InlineData("POST", "/partitions")]
    [InlineData("DELETE", "/partitions/0")]
    public async Task Other_methods_are_not_allowed(string method, string path) =>
        Assert.Equal(405, (await _api.SendAsync(new HttpMethod(method), path)).Status);

    private Task StateIsAsync(PartitionState state) => Eventually.HoldsAsync(() => _api.Node.Status(0).State == state, $"partition 0 is {state}");
}
