using System.Text;
using static CollectorAgent.Protocol.Tests.RpcValues;

namespace CollectorAgent.Protocol.Tests;

public sealed class XmlRpcWriterTests
{
    [Fact]
    public void Call_is_written_without_blanks_and_types() => Assert.Equal(
        "<?xml version=\"1.0\"?><methodCall><methodName>Plugin.Local.register</methodName><params><param><value><struct>" +
        "<member><name>uid</name><value>my-plugin</value></member>" +
        "<member><name>info</name><value>Five_Seconds</value></member>" +
        "<member><name>protocol</name><value>V2</value></member></struct></value></param></params></methodCall>",
        Text(XmlRpc.WriteCall(new XmlRpcCall("Plugin.Local.register", [S(("uid", "my-plugin"), ("info", "Five_Seconds"), ("protocol", "V2"))]))));

    [Fact]
    public void Success_has_its_status_first() => Assert.Equal(
        "<?xml version=\"1.0\"?><methodResponse><params><param><value><struct>" +
        "<member><name>Status</name><value>Success</value></member>" +
        "<member><name>Value</name><value><double>3.725108114</double></value></member></struct></value></param></params></methodResponse>",
        Text(XmlRpc.WriteResponse(RpcReply.Succeeded(3.725108114))));

    [Fact]
    public void Failure_is_its_variant_and_a_text() => Assert.Equal(
        "<?xml version=\"1.0\"?><methodResponse><params><param><value><struct>" +
        "<member><name>Status</name><value>Failure</value></member>" +
        "<member><name>ErrorDescription</name><value><array><data><value>Datasource_missing</value><value>cpu77</value></data></array></value></member>" +
        "</struct></value></param></params></methodResponse>",
        Text(XmlRpc.WriteResponse(RpcReply.Failed(RpcError.DatasourceMissing, "cpu77"))));

    public static TheoryData<string, XmlRpcValue> Values => new()
    {
        { "<value>text</value>", "text" },
        { "<value></value>", "" },
        { "<value>&lt;a&gt; &amp; &quot;b&quot; 'c'</value>", "<a> & \"b\" 'c'" },
        { "<value>a\tb\nc\rd</value>", "a\tb\nc\rd" },
        { "<value>ab</value>", "a\0\u0001\u001b\u007f\u0085b" },
        { "<value>ab</value>", "a\ufffe\uffffb" },
        { "<value>a\ufffdb</value>", "a\ud834b" },
        { "<value>μs 𝄞</value>", "μs 𝄞" },
        { "<value>5</value>", I(5) },
        { "<value>-9223372036854775808</value>", I(long.MinValue) },
        { "<value><boolean>1</boolean></value>", B(true) },
        { "<value><boolean>0</boolean></value>", B(false) },
        { "<value><nil/></value>", Nil },
        { "<value><array><data></data></array></value>", L() },
        { "<value><array><data><value>1</value><value></value></data></array></value>", L(I(1), "") },
        { "<value><struct></struct></value>", S() },
        { "<value><struct><member><name>a &lt; &quot;b&quot;</name><value><nil/></value></member></struct></value>", S(("a < \"b\"\u0001", Nil)) },
        { "<value><double>0</double></value>", D(0) },
        { "<value><double>0.5</double></value>", D(0.5) },
        { "<value><double>nan</double></value>", D(double.NaN) },
        { "<value><double>inf</double></value>", D(double.PositiveInfinity) },
        { "<value><double>-inf</double></value>", D(double.NegativeInfinity) },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Value_is_written(string xml, XmlRpcValue value) => Assert.Equal(
        $"<?xml version=\"1.0\"?><methodResponse><params><param>{xml}</param></params></methodResponse>",
        Text(XmlRpc.WriteResponse(value)));

    /// <summary>The right side is what C's printf says.</summary>
    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "-0")]
    [InlineData(1.0 / 3, "0.3333333333333333")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(123456789012345.6, "123456789012345.6")]
    [InlineData(1e15, "1000000000000000")]
    [InlineData(1e16, "1e+16")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(double.MaxValue, "1.797693134862316e+308")]
    [InlineData(double.Epsilon, "4.940656458412465e-324")]
    public void Double_is_written_with_16_digits(double value, string text) =>
        Assert.Contains($"<double>{text}</double>", Text(XmlRpc.WriteResponse(value)), StringComparison.Ordinal);

    private static string Text(byte[] message) => Encoding.UTF8.GetString(message);
}
