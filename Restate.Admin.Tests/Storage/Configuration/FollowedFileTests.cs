using Restate.Storage.Configuration;
using Xunit;

namespace Restate.Admin.Tests.Storage.Configuration;

/// <summary>When a changed content is taken, reading by reading: no clock and no thread.</summary>
public sealed class FollowedFileTests : ConfigurationFixture
{
    [Fact]
    public void A_file_that_is_still_being_written_is_not_taken()
    {
        string path = WriteFile("restate.toml", "first");
        (FollowedFile file, byte[] content) = FollowedFile.Open(path);
        Assert.Equal("first"u8.ToArray(), content);
        Assert.Null(file.ReadChange());
        for (int i = 0; i < 10; i++)
        {
            File.WriteAllText(path, $"written {i} times");
            Assert.Null(file.ReadChange());
        }

        Assert.Equal("written 9 times"u8.ToArray(), file.ReadChange());
        Assert.Null(file.ReadChange());
    }

    [Fact]
    public void A_content_that_goes_back_to_the_one_in_use_is_no_change()
    {
        string path = WriteFile("restate.toml", "first");
        (FollowedFile file, _) = FollowedFile.Open(path);
        File.WriteAllText(path, "second");
        Assert.Null(file.ReadChange());
        File.WriteAllText(path, "first");
        Assert.Null(file.ReadChange());
        Assert.Null(file.ReadChange());
    }
}
