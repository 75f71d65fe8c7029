using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Restate.Storage.Types;
using Xunit;

namespace Restate.Admin.Tests.Storage.Types;

/// <summary>The ids below were read from the peer, with the partition keys and times its SQL tables gave for them.</summary>
public sealed class IdTextTests
{
    [Theory]
    [InlineData("inv_1dceKvwtEc2n1G8uKGPOzQdGTjqlxcbvrj", 1417734710680270745UL)]
    [InlineData("inv_1kKTm44DJUIl1tCTpuQ37mkLj6IS5lqZ4y", 2672026701831783409UL)]
    [InlineData("inv_1fQqRAo6xxSe5FwCfRC6V9xgGR4JEeU2SJ", 9149245637945757880UL)]
    public void Reads_and_writes_invocation_ids_of_the_peer(string text, ulong partitionKey)
    {
        InvocationId id = InvocationId.Parse(text);
        Assert.Equal(partitionKey, id.PartitionKey);
        Assert.Equal(text, id.ToString());
    }

    [Fact]
    public void The_number_of_an_invocation_id_is_read_with_its_bytes_reversed() =>
        Assert.Equal(
            UInt128.Parse("a1f630719fba1280c3172daee6f52f37", System.Globalization.NumberStyles.HexNumber, null),
            InvocationId.Parse("inv_1dceKvwtEc2n1G8uKGPOzQdGTjqlxcbvrj").Number);

    [Theory]
    [InlineData("dp_131VxC8Dz7iarncvzEBhjDX", "2026-11-23T03:32:36.806Z")]
    public void Reads_the_time_in_a_deployment_id_of_the_peer(string text, string time)
    {
        DeploymentId id = DeploymentId.Parse(text);
        Assert.Equal(DateTimeOffset.Parse(time, null), id.Timestamp);
        Assert.Equal(text, id.ToString());
    }

    [Theory]
    [InlineData("dp_bogus", "unrecognized codec version")]
    [InlineData("dp_23JWXGWHrD4pD68klIbspBz", "unrecognized codec version")]
    [InlineData("bogus", "bad format")]
    [InlineData("", "bad format")]
    [InlineData("dp", "bad format")]
    [InlineData("dp_", "bad length")]
    [InlineData("dp_1", "bad length")]
    [InlineData("dp_13JWXGWHrD4pD68klIbspBzA", "bad length")]
    [InlineData("dp_1-3JWXGWHrD4pD68klIbspBz", "bad length")]
    [InlineData("dp_1-3JWXGWHrD4pD68klIbspB", "base62 decode error")]
    [InlineData("dp_1ZZZZZZZZZZZZZZZZZZZZZZ", "base62 decode error")]
    [InlineData("inv_1dceKvwtEc2n1G8uKGPOzQdGTjqlxcbvrj", "id doesn't match the expected type")]
    [InlineData("_1abc", "unrecognized resource type: ")]
    public void Says_why_a_text_is_no_deployment_id(string text, string reason)
    {
        Assert.False(DeploymentId.TryParse(text, out _, out string? error));
        Assert.Equal(reason, error);
    }

    [Theory]
    [InlineData("inv_1dceKvwtEc2n1G8uKGPOzQdGTjqlxcbvr", "bad length")]
    [InlineData("inv_2dceKvwtEc2n1G8uKGPOzQdGTjqlxcbvrj", "unrecognized codec version")]
    [InlineData("foo", "bad format")]
    [InlineData("dp_131VxC8Dz7iarncvzEBhjDX", "id doesn't match the expected type")]
    [InlineData("inv_1zzzzzzzzzzz1G8uKGPOzQdGTjqlxcbvrj", "base62 decode error")]
    [InlineData("inv_1ZZZZZZZZZZZ1G8uKGPOzQdGTjqlxcbvrj", "base62 decode error")]
    public void Says_why_a_text_is_no_invocation_id(string text, string reason)
    {
        Assert.False(InvocationId.TryParse(text, out _, out string? error));
        Assert.Equal(reason, error);
    }

    [Fact]
    public void Every_id_reads_back() =>
        Gen.Select(Gen.ULong, Gen.ULong, Gen.ULong).Sample((key, high, low) =>
        {
            var number = new UInt128(high, low);
            var invocation = new InvocationId(key, number);
            var deployment = new DeploymentId(number);
            return InvocationId.Parse(invocation.ToString()) == invocation && DeploymentId.Parse(deployment.ToString()) == deployment;
        });

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void The_ends_of_the_range_read_back(ulong value)
    {
        var id = new InvocationId(value, new UInt128(value, value));
        Assert.Equal(5 + 11 + 22, id.ToString().Length);
        Assert.Equal(id, InvocationId.Parse(id.ToString()));
    }

    [Fact]
    public void New_deployment_ids_differ_and_hold_the_time()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 1, 2, 3, 456, TimeSpan.Zero));
        DeploymentId first = DeploymentId.New(time);
        DeploymentId second = DeploymentId.New(time);
        time.Advance(TimeSpan.FromMilliseconds(1));
        DeploymentId later = DeploymentId.New(time);
        Assert.NotEqual(first, second);
        Assert.Equal(new DateTimeOffset(2026, 11, 23, 1, 2, 3, 456, TimeSpan.Zero), first.Timestamp);
        Assert.True(later.CompareTo(first) > 0 && later.CompareTo(second) > 0);
    }
}
