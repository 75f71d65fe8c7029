using CsCheck;
using Restate.Storage.Encoding;
using Xunit;

namespace Restate.Admin.Tests.Storage.Encoding;

public sealed class NativeBufferTests
{
    [Fact]
    public void Holds_what_was_appended_however_it_grew() =>
        Gen.Select(Gen.Int[1, 64], Gen.Byte.Array[0, 100].List[0, 20]).Sample((capacity, pieces) =>
        {
            using var buffer = new NativeBuffer(capacity);
            foreach (byte[] piece in pieces)
            {
                if (piece.Length == 1)
                    buffer.Append(piece[0]);
                else
                    buffer.Append(piece);
            }

            Assert.Equal(pieces.SelectMany(piece => piece), buffer.Written.ToArray());
        });

    [Fact]
    public void Reserved_room_counts_only_when_it_was_used()
    {
        using var buffer = new NativeBuffer(4);
        Span<byte> room = buffer.Reserve(10);
        Assert.True(room.Length >= 10);
        "abc"u8.CopyTo(room);
        buffer.Advance(3);
        Assert.Equal("abc"u8.ToArray(), buffer.Written.ToArray());
    }
}
