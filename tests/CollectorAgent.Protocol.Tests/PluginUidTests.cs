namespace CollectorAgent.Protocol.Tests;

public sealed class PluginUidTests
{
    [Theory]
    [InlineData("xcp-rrdd-squeezed")]
    [InlineData("pvsproxy-5b7a1c1e-0000-4000-8000-000000000001")]
    [InlineData("a")]
    [InlineData("A_1.tmp")]
    public void File_name_is_a_uid(string uid) => Assert.True(PluginUid.IsValid(uid));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("a\0")]
    [InlineData("ä")]
    public void Anything_else_is_none(string? uid) => Assert.False(PluginUid.IsValid(uid));

    [Fact]
    public void Longest_uid_has_128_characters()
    {
        Assert.True(PluginUid.IsValid(new string('a', 128)));
        Assert.False(PluginUid.IsValid(new string('a', 129)));
    }

    [Theory]
    [InlineData("xcp-rrdd-cpu", true)]
    [InlineData("xcp-rrdd-cpu.tmp", false)]
    [InlineData("tap-1234-0", false)]
    [InlineData("tapestry", true)]
    [InlineData(".x", false)]
    public void Unfinished_pages_and_those_of_disks_are_no_pages(string name, bool isPage) => Assert.Equal(isPage, PluginUid.IsPageName(name));
}
