using System.Text;

namespace CollectorAgent.PluginHost.Tests;

public sealed class BlockCutterTests
{
    private readonly BlockCutter _cutter = new();
    private readonly List<string> _blocks = [];

    [Theory]
    [InlineData("a 1\nb 2\n\nc 3\n", "a 1\nb 2\n\n")]
    [InlineData("a 1\n# EOF\nb 2\n# EOF\n", "a 1\n# EOF\n", "b 2\n# EOF\n")]
    [InlineData("\n\n\na 1\n\n\n\n", "a 1\n\n")]
    [InlineData("a 1\r\n\r\nb 2\r\n \t\n", "a 1\r\n\r\n", "b 2\r\n \t\n")]
    [InlineData("# EOF\n", "# EOF\n")]
    [InlineData("a 1\n# EOF is near\nb 2\n")]
    [InlineData("a 1")]
    public void Block_ends_with_an_empty_line_or_eof_however_it_comes(string printed, params string[] blocks)
    {
        foreach (byte b in Encoding.UTF8.GetBytes(printed))
        {
            Assert.Null(_cutter.Append([b], Add));
        }
        Assert.Equal(blocks, _blocks);

        _blocks.Clear();
        var whole = new BlockCutter();
        Assert.Null(whole.Append(Encoding.UTF8.GetBytes(printed), Add));
        Assert.Equal(blocks, _blocks);
    }

    [Fact]
    public void Block_that_is_ended_early_has_whole_lines_only()
    {
        Print("a 1\nb 2\nc");

        Assert.Equal("a 1\nb 2\n", Text(_cutter.End()));
        Assert.Null(_cutter.End());
        Print(" 3\n\n");
        Assert.Equal(["c 3\n\n"], _blocks);
    }

    [Fact]
    public void Last_line_of_the_output_needs_no_end()
    {
        Print("a 1\nb 2");

        Assert.Equal("a 1\nb 2", Text(_cutter.EndOfOutput()));
    }

    [Fact]
    public void Line_may_have_8_kib()
    {
        Assert.Null(Print(new string('x', BlockCutter.MaxLineBytes - 1) + "\n\n"));
        Assert.Single(_blocks);

        Assert.Equal("printed a line longer than 8192 bytes", Print(new string('x', BlockCutter.MaxLineBytes + 1)));
    }

    [Fact]
    public void Block_may_have_32768_lines()
    {
        Assert.Null(Print(string.Concat(Enumerable.Repeat("a 1\n", BlockCutter.MaxLines - 1)) + "\n"));
        Assert.Single(_blocks);

        Assert.Equal("printed more than 32768 lines for one sample", Print(string.Concat(Enumerable.Repeat("a 1\n", BlockCutter.MaxLines + 1))));
    }

    [Fact]
    public void Sample_may_have_1_mib()
    {
        string block = new string('x', 1022) + "\n\n";
        for (int i = 0; i < 1024; i++)
        {
            Assert.Null(Print(block));
        }
        Assert.Equal("printed more than 1048576 bytes for one sample", Print("\n"));

        _cutter.Ask();

        Assert.Null(Print(block));
    }

    private string? Print(string printed) => _cutter.Append(Encoding.UTF8.GetBytes(printed), Add);

    private void Add(byte[] block) => _blocks.Add(Text(block)!);

    private static string? Text(byte[]? block) => block is null ? null : Encoding.UTF8.GetString(block);
}
