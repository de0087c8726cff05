using System.Text;
using static CollectorAgent.Protocol.Tests.RpcValues;

namespace CollectorAgent.Protocol.Tests;

public sealed class XmlRpcReaderTests
{
    [Fact]
    public void Every_example_call_is_read_in_every_dialect()
    {
        Assert.Equal(40, RpcExamples.All.Count);
        foreach (var (method, parameters, _) in RpcExamples.All)
        {
            string expected = new XmlRpcCall(method, parameters).Show();

            Assert.Equal(expected, XmlRpc.ReadCall(Stream(Toolstack(method, parameters))).Show());
            Assert.Equal(expected, XmlRpc.ReadCall(Stream(Spacious(method, parameters))).Show());
            Assert.Equal(expected, XmlRpc.ReadCall(new MemoryStream(XmlRpc.WriteCall(new XmlRpcCall(method, parameters)))).Show());
        }
    }

    [Fact]
    public void Every_example_answer_is_read()
    {
        foreach (var (_, _, answer) in RpcExamples.All)
        {
            var envelope = S(("Status", "Success"), ("Value", answer));

            Assert.Equal(answer.Show(), RpcReply.Open(XmlRpc.ReadResponse(Stream(Response(envelope)))).Show());
            Assert.Equal(answer.Show(), RpcReply.Open(XmlRpc.ReadResponse(new MemoryStream(XmlRpc.WriteResponse(RpcReply.Succeeded(answer))))).Show());
        }
    }

    public static TheoryData<string, string> Values => new()
    {
        { "<value>text</value>", "text" },
        { "<value><string>text</string></value>", "text" },
        { "<value> text </value>", " text " },
        { "<value/>", "" },
        { "<value></value>", "" },
        { "<value><string/></value>", "" },
        { "<value>&lt;a&gt; &amp; &quot;&apos;&#65;&#x42;</value>", "<a> & \"'AB" },
        { "<value><![CDATA[<a>]]>b</value>", "<a>b" },
        { "<value>μs</value>", "μs" },
        { "<value>5</value>", "5" },
        { "<value><int>5</int></value>", "5" },
        { "<value><i4>-5</i4></value>", "-5" },
        { "<value><i8> 9223372036854775807 </i8></value>", "9223372036854775807" },
        { "<value><boolean>1</boolean></value>", "yes" },
        { "<value><boolean>0</boolean></value>", "no" },
        { "<value><double>0.5</double></value>", "double 0.5" },
        { "<value><double>nan</double></value>", "double NaN" },
        { "<value><double>-inf</double></value>", "double -Infinity" },
        { "<value><nil/></value>", "nil" },
        { "<value><nil></nil></value>", "nil" },
        { "<value>\n <nil/>\n</value>", "nil" },
        { "<value><array><data/></array></value>", "[]" },
        { "<value><array><data></data></array></value>", "[]" },
        { "<value><array><data><value>a</value> <value>b</value></data></array></value>", "[a, b]" },
        { "<value><struct/></value>", "{}" },
        { "<value><struct></struct></value>", "{}" },
        { "<value><struct><member><name>a</name><value/></member></struct></value>", "{a: }" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Value_is_read(string xml, string shown) => Assert.Equal(shown, XmlRpc.ReadCall(Call(xml)).Parameters[0].Show());

    [Theory]
    [InlineData("<value>5</value>", 5.0)]
    [InlineData("<value><int>5</int></value>", 5.0)]
    [InlineData("<value><double>3.725108114</double></value>", 3.725108114)]
    [InlineData("<value>0.5</value>", 0.5)]
    [InlineData("<value>x</value>", null)]
    [InlineData("<value><nil/></value>", null)]
    public void Number_comes_typed_or_as_text(string xml, double? number) => Assert.Equal(number, XmlRpc.ReadCall(Call(xml)).Parameters[0].AsNumber);

    [Fact]
    public void Members_are_found_by_their_exact_name_and_the_first_counts()
    {
        var members = (XmlRpcValue.Struct)S(("Uid", "a"), ("uid", "b"), ("uid", "c"));

        Assert.Equal("b", members.Find("uid")?.AsText);
        Assert.Null(members.Find("UID"));
    }

    [Theory]
    [InlineData("<methodCall><methodName>a</methodName></methodCall>", "a()")]
    [InlineData("<methodCall><methodName> a </methodName><params/></methodCall>", "a()")]
    [InlineData("\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<methodCall>\n<methodName>a</methodName>\n<params>\n</params>\n</methodCall>\n", "a()")]
    public void Call_without_parameters_is_read(string xml, string shown) => Assert.Equal(shown, XmlRpc.ReadCall(Stream(xml)).Show());

    [Fact]
    public void Error_is_told_by_its_variant_and_text()
    {
        var failure = Assert.Throws<RpcFailureException>(() => RpcReply.Open(RpcReply.Failed(RpcError.DatasourceMissing, "cpu77")));

        Assert.Equal(("Datasource_missing", "cpu77"), (failure.Variant, failure.Text));
    }

    [Fact]
    public void Answer_that_is_no_envelope_is_a_format_error()
    {
        foreach (var answer in new[] { "Success", Nil, S(), S(("Status", "Success")), S(("Status", "Failure")), S(("Status", "ok"), ("Value", "")), L() })
        {
            Assert.Throws<XmlRpcFormatException>(() => RpcReply.Open(answer));
        }
    }

    internal static MemoryStream Call(string value) =>
        new(Encoding.UTF8.GetBytes($"<methodCall><methodName>m</methodName><params><param>{value}</param></params></methodCall>"));
}
