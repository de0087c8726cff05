using System.Buffers;
using System.IO.Pipelines;
using CollectorAgent.TestKit;
using static CollectorAgent.TestKit.MessagePackBytes;

namespace CollectorAgent.Protocol.Tests;

/// <summary>What the other side may say, and is not believed.</summary>
public sealed class MessagePackHostileTests
{
    [Theory]
    [InlineData("c600010000")]
    [InlineData("c6ffffffff")]
    [InlineData("dbffffffff")]
    [InlineData("c9ffffffff")]
    [InlineData("ddffffffff")]
    [InlineData("dfffffffff")]
    [InlineData("df80000000")]
    [InlineData("9fddffffffff")]
    [InlineData("92c5fff0")]
    public void Declared_length_beyond_the_limit_is_refused_before_its_bytes_come(string hex)
    {
        byte[] bytes = hex == "92c5fff0" ? [0x92, 0xc5, 0xff, 0xf0, .. new byte[0xfff0], 0xc4, 0x20] : Convert.FromHexString(hex);

        var e = Assert.Throws<MessagePackFormatException>(() => new MessagePackFramer().TryFindEnd(bytes, out _));

        Assert.Contains("65536", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ddffffffff")]
    [InlineData("dfffffffff")]
    [InlineData("de8000")]
    [InlineData("dbffffffff")]
    [InlineData("c6ffffffff")]
    [InlineData("c9ffffffff05")]
    public void Declared_length_without_its_bytes_allocates_nothing_and_is_refused(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MessagePackFormatException>(() =>
        {
            var reader = new MessagePackReader(bytes);
            reader.ReadValue();
        });
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 10);
    }

    [Fact]
    public void Longest_message_passes_and_one_byte_more_does_not()
    {
        byte[] longest = Written(w => w.Write(new byte[SocketRpc.MaxMessageBytes - 3].AsSpan()));
        byte[] tooLong = Written(w => w.Write(new byte[SocketRpc.MaxMessageBytes - 2].AsSpan()));

        Assert.True(new MessagePackFramer().TryFindEnd(longest, out int taken));
        Assert.Equal(SocketRpc.MaxMessageBytes, taken);
        Assert.Throws<MessagePackFormatException>(() => new MessagePackFramer().TryFindEnd(tooLong, out _));
    }

    [Fact]
    public void Arrays_in_each_other_pass_to_the_limit_and_no_further()
    {
        byte[] deepest = [.. Enumerable.Repeat((byte)0x91, SocketRpc.MaxDepth), 0xc0];
        byte[] tooDeep = [0x91, .. deepest];
        byte[] empty = [.. Enumerable.Repeat((byte)0x91, SocketRpc.MaxDepth), 0x90];

        Assert.True(new MessagePackFramer().TryFindEnd(deepest, out _));
        Assert.True(new MessagePackFramer().TryFindEnd(empty, out _));
        Assert.Contains("32", Assert.Throws<MessagePackFormatException>(() => new MessagePackFramer().TryFindEnd(tooDeep, out _)).Message, StringComparison.Ordinal);
        // However deep: nothing recurses.
        byte[] endless = [.. Enumerable.Repeat((byte)0x91, 1 << 20), 0xc0];
        var reader = new MessagePackReader(endless);
        reader.Skip();
        Assert.True(reader.End);
    }

    [Fact]
    public void Message_that_comes_byte_by_byte_is_found_and_the_next_one_too()
    {
        var framer = new MessagePackFramer();
        byte[] message = [0xdc, 0x7f, 0xff, .. new byte[0x7fff]];
        int ends = 0;
        for (int round = 0; round < 3; round++)
        {
            foreach (byte b in message)
            {
                ends += framer.TryFindEnd([b], out int taken) ? 1 : 0;
                Assert.Equal(1, taken);
            }
            Assert.Equal(round + 1, ends);
        }
    }

    [Fact]
    public async Task Stream_that_ends_within_a_message_has_ended()
    {
        var pipe = new Pipe();
        pipe.Writer.Write(Convert.FromHexString("9401"));
        await pipe.Writer.CompleteAsync();

        Assert.Null(await new MessagePackStreamReader(pipe.Reader).ReadAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("c0")]
    [InlineData("90")]
    [InlineData("9100")]
    [InlineData("9300a16190")]
    [InlineData("9400a1619090")]
    [InlineData("940001a190")]
    [InlineData("94000101c0")]
    [InlineData("9402a16190c0")]
    [InlineData("940301a16190")]
    [InlineData("9400ffa16190")]
    [InlineData("9400cf0000000100000000a16190")]
    [InlineData("93a0a16190")]
    public void What_is_no_message_is_refused(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.Throws<MessagePackFormatException>(() => RpcMessage.Read(bytes));
    }

    [Fact]
    public void Parameters_are_nothing_or_one_map()
    {
        byte[] map = Convert.FromHexString("9185a16107c001a162782190a16108");
        Assert.Throws<MessagePackFormatException>(() => NamedValues.OfParameters(new MessagePackReader(Convert.FromHexString("920102"))));
        Assert.Throws<MessagePackFormatException>(() => NamedValues.OfParameters(new MessagePackReader(Convert.FromHexString("9101"))));
        Assert.Throws<MessagePackFormatException>(() => NamedValues.OfParameters(new MessagePackReader(Convert.FromHexString("80"))));
        Assert.False(NamedValues.OfParameters(new MessagePackReader(Convert.FromHexString("90"))).TryFind("a", out _));
        Assert.False(NamedValues.OfParameters(new MessagePackReader(Convert.FromHexString("91c0"))).TryFind("a", out _));
        var named = NamedValues.OfParameters(new MessagePackReader(map));
        Assert.Equal(7, named.Integer("a"));
        Assert.Equal(120, named.Number("b"));
        Assert.Equal(1.5, named.Number("z", 1.5));
    }

    [Fact]
    public void Argument_that_is_missing_or_of_another_type_is_named()
    {
        byte[] map = Convert.FromHexString("82a16107a162a178");

        Assert.Contains("'b'", Refused(m => m.Integer("b")), StringComparison.Ordinal);
        Assert.Contains("'b'", Refused(m => m.Number("b", 1)), StringComparison.Ordinal);
        Assert.Contains("'a'", Refused(m => m.Text("a")), StringComparison.Ordinal);
        Assert.Contains("'c'", Refused(m => m.Text("c")), StringComparison.Ordinal);
        Assert.Contains("'c'", Refused(m => m.Number("c")), StringComparison.Ordinal);
        Assert.Contains("'c'", Refused(m => m.Integer("c")), StringComparison.Ordinal);

        string Refused(Asking ask) =>
            Assert.Throws<MessagePackFormatException>(() => ask(new NamedValues(new MessagePackReader(map)))).Message;
    }

    private delegate void Asking(NamedValues values);
}
