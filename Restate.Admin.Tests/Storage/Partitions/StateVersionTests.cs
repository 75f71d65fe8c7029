using CsCheck;
using Restate.Storage.Partitions;
using Xunit;
using static Restate.Admin.Tests.Storage.Partitions.TestMutations;

namespace Restate.Admin.Tests.Storage.Partitions;

public sealed class StateVersionTests
{
    [Fact]
    public void Is_what_the_peers_command_line_client_computes()
    {
        using var version = new StateVersion();
        Assert.Equal(
            "8U92c8XsO-Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeA",
            Text(version, (Bytes("count"), Bytes("10")), (Bytes("label"), Bytes("\"key-a\""))));
        Assert.Equal("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", Text(version));
    }

    [Fact]
    public void Starts_over_after_each_state()
    {
        using var version = new StateVersion();
        string first = Text(version, ([1], [2]), ([3], [4]));
        Assert.NotEqual(first, Text(version, ([1], [2]), ([3], [5])));
        Assert.Equal(first, Text(version, ([1], [2]), ([3], [4])));
    }

    [Fact]
    public void Its_text_is_read_back() =>
        Gen.Byte.Array[32].Sample(hash =>
        {
            Assert.True(StateVersion.TryParse(System.Buffers.Text.Base64Url.EncodeToString(hash), out byte[] read));
            Assert.Equal(hash, read);
        });

    [Theory]
    [InlineData("")]
    [InlineData("8U92c8XsO")]
    [InlineData("8U92c8XsO-Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeA=")]
    [InlineData(" 8U92c8XsO-Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeA")]
    [InlineData("8U92c8XsO-Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeB")]
    [InlineData("8U92c8XsO+Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeA")]
    [InlineData("8U92c8XsO-Vg7k0ZdndKYObT9c5A7IjtzRZaDYIgbeAAAA")]
    [InlineData("not a version at all, é")]
    public void Text_that_no_state_can_have_is_told_apart(string text) => Assert.False(StateVersion.TryParse(text, out _));

    private static string Text(StateVersion version, params (byte[] Key, byte[] Value)[] entries)
    {
        foreach ((byte[] key, byte[] value) in entries)
            version.Add(key, value);
        byte[] hash = new byte[32];
        version.Finish(hash);
        return System.Buffers.Text.Base64Url.EncodeToString(hash);
    }
}
