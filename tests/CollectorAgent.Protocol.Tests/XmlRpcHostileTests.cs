using System.Text;
using static CollectorAgent.Protocol.Tests.RpcValues;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Whatever is sent: a call, or one kind of exception.</summary>
public sealed class XmlRpcHostileTests
{
    private const int Calls = 20_000;

    private static readonly string[] NoValues =
    [
        "<value><int></int></value>",
        "<value><int>x</int></value>",
        "<value><int>1.5</int></value>",
        "<value><int>9223372036854775808</int></value>",
        "<value><boolean>true</boolean></value>",
        "<value><boolean>2</boolean></value>",
        "<value><double>x</double></value>",
        "<value><double/></value>",
        "<value><int><int>1</int></int></value>",
        "<value><base64>AA==</base64></value>",
        "<value><a/></value>",
        "<value><nil/>x</value>",
        "<value><nil/><nil/></value>",
        "<value><array><value>1</value></array></value>",
        "<value><struct><member/></struct></value>",
        "<value><struct><member><value/></member></struct></value>",
        "<value><struct><member><name>a</name></member></struct></value>",
        "<value><struct><member><name>a</name><value/><value/></member></struct></value>",
        "<string>a</string>",
        "<value a=>a</value>",
    ];

    public static TheoryData<string> NoCalls =>
    [
        "",
        " ",
        "garbage",
        "<",
        "<a/>",
        "<methodCall/>",
        "<methodCall></methodCall>",
        "<methodCall>m</methodCall>",
        "<methodCall><methodName/></methodName></methodCall>",
        "<methodCall><methodName><b/></methodName></methodCall>",
        "<methodCall><methodName>m</methodName><params><param></param></params>",
        "<methodCall><methodName>m</methodName><params><param>x</param></params></methodCall>",
        "<methodCall><methodName>m</methodName><x/></methodCall>",
        "<methodCall><methodName>m</methodName></methodCall>x",
        "<methodCall><methodName>m</methodName></methodCall><methodCall/>",
        "<methodResponse><params><param><value/></param></params></methodResponse>",
        "<!DOCTYPE a><methodCall><methodName>m</methodName></methodCall>",
        "<!DOCTYPE a SYSTEM \"file:///etc/hostname\"><methodCall><methodName>m</methodName></methodCall>",
        "<!DOCTYPE a [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><methodCall><methodName>&b;</methodName></methodCall>",
        "<methodCall><methodName>&b;</methodName></methodCall>",
        "<methodCall><methodName>&#0;</methodName></methodCall>",
        "<methodCall><methodName>&#xD800;</methodName></methodCall>",
        "<methodCall><methodName>\u0001</methodName></methodCall>",
        "<?xml version=\"1.0\" encoding=\"utf-7\"?><methodCall><methodName>m</methodName></methodCall>",
        "<?xml version=\"1.0\" encoding=\"klingon\"?><methodCall><methodName>m</methodName></methodCall>",
        "<?xml version=\"9.9\"?><methodCall><methodName>m</methodName></methodCall>",
        .. NoValues.Select(v => Toolstack("m").Replace("<params>", $"<params><param>{v}</param>", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(NoCalls))]
    public void What_is_no_call_is_a_format_error(string message)
    {
        Assert.Throws<XmlRpcFormatException>(() => XmlRpc.ReadCall(Stream(message)));
        Assert.Throws<XmlRpcFormatException>(() => XmlRpc.ReadResponse(Stream(message.Replace("methodResponse", "other", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("4C6FA794")]
    [InlineData("0000FEFF")]
    [InlineData("0000003C")]
    [InlineData("FEFF003C")]
    [InlineData("FFFE")]
    [InlineData("EFBBBF")]
    [InlineData("3C6DC3")]
    [InlineData("80")]
    public void Bytes_of_another_encoding_are_a_format_error(string bytes)
    {
        Assert.Throws<XmlRpcFormatException>(() => XmlRpc.ReadCall(new MemoryStream(Convert.FromHexString(bytes))));
        Assert.Throws<XmlRpcFormatException>(() => XmlRpc.ReadResponse(new MemoryStream(Convert.FromHexString(bytes))));
    }

    [Fact]
    public void Message_that_ends_early_is_a_format_error()
    {
        byte[] call = XmlRpc.WriteCall(new XmlRpcCall("m", [S(("a", L(I(1), D(2), B(true), Nil, "μ")))]));
        byte[] response = XmlRpc.WriteResponse(S(("a", L(I(1), D(2), B(true), Nil, "μ"))));
        for (int length = 0; length < call.Length; length++)
        {
            Assert.Throws<XmlRpcFormatException>(() => XmlRpc.ReadCall(new MemoryStream(call[..length])));
        }
        for (int length = 0; length < response.Length; length++)
        {
            Assert.Throws<XmlRpcFormatException>(() => XmlRpc.ReadResponse(new MemoryStream(response[..length])));
        }
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(10_000, false)]
    public void Values_are_nested_16_deep_at_most(int depth, bool isRead)
    {
        string value = string.Concat(Enumerable.Repeat("<value><array><data>", depth)) + "<value>a</value>" +
            string.Concat(Enumerable.Repeat("</data></array></value>", depth));
        if (isRead)
        {
            Assert.NotNull(XmlRpc.ReadCall(XmlRpcReaderTests.Call(value)));
        }
        else
        {
            Assert.Throws<XmlRpcFormatException>(() => XmlRpc.ReadCall(XmlRpcReaderTests.Call(value)));
        }
    }

    [Fact]
    public void Deep_elements_where_none_belong_are_a_format_error() => Assert.Throws<XmlRpcFormatException>(
        () => XmlRpc.ReadCall(XmlRpcReaderTests.Call($"<value>{string.Concat(Enumerable.Repeat("<a>", 200_000))}</value>")));

    [Fact]
    public void Message_of_more_than_a_mebibyte_is_a_format_error()
    {
        string name = new('m', XmlRpc.MaxMessageBytes - Toolstack("").Length);

        Assert.Equal(name, XmlRpc.ReadCall(Stream(Toolstack(name))).Method);
        Assert.Throws<XmlRpcFormatException>(() => XmlRpc.ReadCall(Stream(Toolstack(name + "m"))));
    }

    [Fact]
    public void Text_in_many_pieces_takes_no_more_memory_than_text_in_one()
    {
        var message = XmlRpcReaderTests.Call($"<value>{string.Concat(Enumerable.Repeat("a<!---->", 100_000))}</value>");
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(new string('a', 100_000), XmlRpc.ReadCall(message).Parameters[0].AsText);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }

    [Fact]
    public void Mutated_call_gives_a_call_or_a_format_error()
    {
        var random = new Random(2);
        byte[][] originals =
        [
            .. RpcExamples.All.Select(e => Encoding.UTF8.GetBytes(Spacious(e.Method, e.Parameters))),
            .. RpcExamples.All.Select(e => Encoding.UTF8.GetBytes(Toolstack(e.Method, e.Parameters))),
        ];
        int calls = 0;
        for (int i = 0; i < Calls; i++)
        {
            byte[] message = Mutation.Mutate(originals[random.Next(originals.Length)], originals[random.Next(originals.Length)], random);
            try
            {
                XmlRpc.ReadCall(new MemoryStream(message));
                calls++;
            }
            catch (XmlRpcFormatException)
            {
                // The one answer to what is none.
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"call {i}: {Encoding.Latin1.GetString(message)}", e);
            }
        }
        Assert.InRange(calls, 100, Calls / 2);
    }
}
