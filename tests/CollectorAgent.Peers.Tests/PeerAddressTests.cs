namespace CollectorAgent.Peers.Tests;

public sealed class PeerAddressTests
{
    [Theory]
    [InlineData("host-1.example.com", "host-1.example.com", 443)]
    [InlineData("host:9781", "host", 9781)]
    [InlineData("192.0.2.7", "192.0.2.7", 443)]
    [InlineData("192.0.2.7:1", "192.0.2.7", 1)]
    [InlineData("2001:db8::7", "2001:db8::7", 443)]
    [InlineData("::1", "::1", 443)]
    [InlineData("[2001:db8::7]", "2001:db8::7", 443)]
    [InlineData("[2001:db8::7]:65535", "2001:db8::7", 65535)]
    public void Host_and_port_are_read(string text, string host, int port)
    {
        var address = PeerAddress.Parse(text);

        Assert.Equal((host, port), (address.Host, address.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData(":443")]
    [InlineData("host:")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("host:-1")]
    [InlineData("host: 443")]
    [InlineData("host:443:443")]
    [InlineData("host/rrd")]
    [InlineData("host?x")]
    [InlineData("host#x")]
    [InlineData("user@host")]
    [InlineData("user:word@host")]
    [InlineData("https://host")]
    [InlineData("ho st")]
    [InlineData(" host")]
    [InlineData("host\r\ncookie: a")]
    [InlineData("host\\path")]
    [InlineData("h%6fst")]
    [InlineData("hóst")]
    [InlineData(".host")]
    [InlineData("[host]:443")]
    [InlineData("[192.0.2.7]")]
    [InlineData("[::1")]
    [InlineData("::1]:443")]
    [InlineData("[::1]443")]
    [InlineData("fe80::1%eth0")]
    [InlineData("0x7f.1")]
    [InlineData("2130706433")]
    [InlineData("127.1")]
    public void Anything_else_is_refused(string text) => Assert.Throws<PeerException>(() => PeerAddress.Parse(text));

    [Fact]
    public void Refusal_has_no_control_characters() =>
        Assert.DoesNotContain(Assert.Throws<PeerException>(() => PeerAddress.Parse("a\r\n\0")).Message, char.IsControl);
}
