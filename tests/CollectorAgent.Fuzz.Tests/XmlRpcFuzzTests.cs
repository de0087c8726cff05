using System.Text;
using CollectorAgent.Protocol;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Calls of XML-RPC.</summary>
public sealed class XmlRpcFuzzTests(ITestOutputHelper output)
{
    // As other people's libraries write it.
    private const string Foreign = """
        <?xml version='1.0'?>
        <methodCall>
        <methodName>Plugin.Local.register</methodName>
        <params>
        <param>
        <value><struct>
        <member>
        <name>uid</name>
        <value><string>a &amp; "b"</string></value>
        </member>
        <member><name>info</name><value><array><data><value><i4>-1</i4></value><value><boolean>1</boolean></value></data></array></value></member>
        <member><name>protocol</name><value><double>1.5</double></value></member>
        <member><name>none</name><value><nil/></value></member>
        </struct></value>
        </param>
        </params>
        </methodCall>
        """;

    private static readonly string[] Words =
    [
        "<value>", "</value>", "<value/>", "<array><data>", "</data></array>", "<struct>", "</struct>", "<member>", "<name>", "<i8>",
        "<int>", "<double>",
        "<boolean>", "<nil/>", "<params>", "<params/>", "<param>", "<string/>", "<value><array><data>",
        "<value><struct><member><name>a</name>",
    ];

    [Fact]
    public void Message_is_a_call_that_can_be_written_and_read_again_or_refused() =>
        new Fuzzing("xml-rpc", Seeds(), output) { Words = Words }.Run(bytes =>
        {
            try
            {
                var call = XmlRpc.ReadCall(new MemoryStream(bytes));
                Assert.Equal(call.Method, XmlRpc.ReadCall(new MemoryStream(XmlRpc.WriteCall(call))).Method);
                return true;
            }
            catch (XmlRpcFormatException)
            {
                return false;
            }
        });

    private static IEnumerable<byte[]> Seeds() =>
    [
        Encoding.UTF8.GetBytes(Foreign),
        XmlRpc.WriteCall(new XmlRpcCall("archive_rrd", [new XmlRpcValue.Struct([new("vm_uuid", "x"), new("n", new XmlRpcValue.Integer(5))])])),
        XmlRpc.WriteCall(new XmlRpcCall("a", [XmlRpcValue.Nothing, 0.5, new XmlRpcValue.List(["b", new XmlRpcValue.Boolean(true)])])),
    ];
}
