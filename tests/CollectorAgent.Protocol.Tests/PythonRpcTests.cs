using System.Text.Json;
using static CollectorAgent.Protocol.Tests.RpcValues;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Calls written and answers read by Python's own XML-RPC, which plugins use.</summary>
public sealed class PythonRpcTests
{
    private const string Dump = """
        import sys, json, xmlrpc.client
        for line in sys.stdin:
            method, arguments = json.loads(line)
            print(json.dumps(xmlrpc.client.dumps(tuple(arguments), method, allow_none=True)), flush=True)
        """;

    private const string Load = """
        import sys, json, xmlrpc.client
        for line in sys.stdin:
            (answer,), method = xmlrpc.client.loads(json.loads(line))
            print(json.dumps(answer, sort_keys=True), flush=True)
        """;

    [PythonFact]
    public void Calls_of_python_are_read()
    {
        var python = Python.Start("-c", Dump);
        foreach (var (arguments, shown) in new[]
        {
            ("""["Plugin.get_header", [null]]""", "Plugin.get_header(nil)"),
            ("""["Plugin.get_path", [{"uid": "my-plugin"}]]""", "Plugin.get_path({uid: my-plugin})"),
            ("""["Plugin.register", [{"uid": "a<&>\"b", "frequency": "Five_Seconds"}]]""", "Plugin.register({uid: a<&>\"b, frequency: Five_Seconds})"),
            ("""["m", [1, -2.5, true, "", "μ\n", [], {}, [null, "a"]]]""", "m(1, double -2.5, yes, , μ\n, [], {}, [nil, a])"),
            ("""["m", []]""", "m()"),
        })
        {
            string xml = JsonSerializer.Deserialize<string>(python.Ask(arguments))!;
            Assert.Equal(shown, XmlRpc.ReadCall(Stream(xml)).Show());
        }
        python.End();
    }

    [PythonFact]
    public void Answers_are_read_by_python()
    {
        var python = Python.Start("-c", Load);
        foreach (var (answer, json) in new[]
        {
            (RpcReply.Succeeded(3.25), """{"Status": "Success", "Value": 3.25}"""),
            (RpcReply.Succeeded(XmlRpcValue.Nothing), """{"Status": "Success", "Value": null}"""),
            (RpcReply.Succeeded(""), """{"Status": "Success", "Value": ""}"""),
            (RpcReply.Succeeded("DATASOURCES\n"), """{"Status": "Success", "Value": "DATASOURCES\n"}"""),
            (RpcReply.Succeeded(I(5)), """{"Status": "Success", "Value": "5"}"""),
            (RpcReply.Succeeded(double.NegativeInfinity), """{"Status": "Success", "Value": -Infinity}"""),
            (RpcReply.Succeeded(L()), """{"Status": "Success", "Value": []}"""),
            (RpcReply.Succeeded(S()), """{"Status": "Success", "Value": {}}"""),
            (RpcReply.Succeeded(L(S(("a", B(true))), "b")), """{"Status": "Success", "Value": [{"a": true}, "b"]}"""),
            (
                RpcReply.Failed(RpcError.InternalError, "a\0\ufffe\ud834 <\"&\">"),
                """{"ErrorDescription": ["Rrdd_internal_error", "a\ufffd <\"&\">"], "Status": "Failure"}"""),
        })
        {
            Assert.Equal(json, python.Ask(JsonSerializer.Serialize(System.Text.Encoding.UTF8.GetString(XmlRpc.WriteResponse(answer)))));
        }
        python.End();
    }
}
