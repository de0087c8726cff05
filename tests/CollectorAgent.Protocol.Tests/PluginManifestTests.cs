using System.Text;
using System.Text.Json.Nodes;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Manifests, read by the agent's reader and held against the schema that authors are given.</summary>
public sealed class PluginManifestTests
{
    private const string Full = """
        {
          "$schema": "plugin.schema.json", "name": "array", "version": "1.2", "description": "An array.", "executable": "bin/array",
          "output": "page", "arguments": ["-v"], "pages": ["array", "array-2"], "owners": ["host", "sr", "vm 5b7a1c1e-0000-4000-8000-000000000001"],
          "data_sources": ["array_*"], "capabilities": [{ "name": "SR_STATS", "sr_types": ["lvm", "nfs"] }, { "name": "OTHER" }],
          "limits": { "data_sources": 100, "page_bytes": 4096, "cpu_seconds_per_tick": 0.5, "memory_bytes": 104857600, "x-of-mine": 1 },
          "user": "nobody", "restart": "on-failure", "x-of-mine": {}
        }
        """;

    /// <summary>What is right, and what is wrong with a part of the message.</summary>
    public static TheoryData<string, string?> Manifests => new()
    {
        { Full, null },
        { """{ "name": "p", "executable": "run" }""", null },
        { """{ "name": "p", "executable": "run", "output": "lines" }""", null },
        { """{ "name": "p", "assembly": "P.dll", "output": "page" }""", null },
        { """{ "name": "p", "executable": "..run/a..b" }""", null },
        { """{ "executable": "run" }""", "'name' is missing" },
        { """{ "name": "../p", "executable": "run" }""", "'name': a uid is" },
        { """{ "name": ["p"], "executable": "run" }""", "'name' is no text" },
        { """{ "name": "p" }""", "one of 'executable' and 'assembly'" },
        { """{ "name": "p", "executable": "run", "assembly": "P.dll" }""", "and not both" },
        { """{ "name": "p", "assembly": "P.dll", "output": "lines" }""", "'output': an assembly has no output" },
        { """{ "name": "p", "executable": "run", "output": "paper" }""", "'output' is not one of page, lines" },
        { """{ "name": "p", "executable": "" }""", "leads out of the folder" },
        { """{ "name": "p", "executable": "/bin/sh" }""", "'executable': /bin/sh leads out of the folder" },
        { """{ "name": "p", "executable": "../run" }""", "leads out of the folder" },
        { """{ "name": "p", "assembly": "a/../../P.dll" }""", "'assembly': a/../../P.dll leads out of the folder" },
        { """{ "name": "p", "executable": "run", "arguments": "-v" }""", "'arguments' is no list" },
        { """{ "name": "p", "executable": "run", "arguments": [1] }""", "'arguments' is no text" },
        { """{ "name": "p", "executable": "run", "pages": ["a/b"] }""", "'pages': 'a/b' cannot be the name of a page" },
        { """{ "name": "p", "executable": "run", "pages": ["a.tmp"] }""", "'pages': 'a.tmp' cannot" },
        { """{ "name": "p", "executable": "run", "pages": ["tap-1"] }""", "'pages': 'tap-1' cannot" },
        { """{ "name": "p", "executable": "run", "pages": ["collector-agent"] }""", "'pages': 'collector-agent' is reserved" },
        { """{ "name": "p", "executable": "run", "pages": ["p", "collector-agent-2"] }""", "'pages': 'collector-agent-2' is reserved" },
        { """{ "name": "p", "executable": "run", "pages": ["collector-agents"] }""", null },
        { """{ "name": "collector-agent", "executable": "run" }""", "'name': 'collector-agent' is reserved" },
        { """{ "name": "collector-agent-x", "executable": "run", "pages": ["p"] }""", "'name': 'collector-agent-x' is reserved" },
        { """{ "name": "p.tmp", "executable": "run" }""", "'name': 'p.tmp' cannot be the name of a page" },
        { """{ "name": "tap-p", "executable": "run" }""", "'name': 'tap-p' cannot be the name of a page" },
        { """{ "name": "p.tmp", "executable": "run", "pages": ["p"] }""", null },
        { """{ "name": "p", "executable": "run", "owners": ["vm ../x"] }""", "'owners': 'vm ../x' is not an owner" },
        { """{ "name": "p", "executable": "run", "limits": 5 }""", "'limits' is no JSON object" },
        { """{ "name": "p", "executable": "run", "limits": { "memory": 5 } }""", "'limits.memory' is not known here" },
        { """{ "name": "p", "executable": "run", "limits": { "memory_bytes": 5 } }""", "'limits.memory_bytes' is no whole number from 1048576" },
        { """{ "name": "p", "executable": "run", "limits": { "data_sources": 1.5 } }""", "'limits.data_sources' is no whole number" },
        { """{ "name": "p", "executable": "run", "limits": { "data_sources": 40000 } }""", "from 1 to 32768" },
        { """{ "name": "p", "executable": "run", "limits": { "cpu_seconds_per_tick": 0 } }""", "'limits.cpu_seconds_per_tick' is no number from 0.001" },
        { """{ "name": "p", "executable": "run", "capabilities": [{ "name": "SR_STATS" }] }""", "SR_STATS needs 'sr_types'" },
        { """{ "name": "p", "executable": "run", "capabilities": [{ "name": "SR_STATS", "sr_types": [] }] }""", "SR_STATS needs 'sr_types'" },
        { """{ "name": "p", "executable": "run", "capabilities": [{ "name": "OTHER", "sr_types": ["lvm"] }] }""", "belongs to SR_STATS" },
        { """{ "name": "p", "executable": "run", "capabilities": [{ "name": "small" }] }""", "'small' is no name" },
        { """{ "name": "p", "executable": "run", "restart": "sometimes" }""", "'restart' is not one of always, on-failure, never" },
        { """{ "name": "p", "executable": "run", "argument": ["-v"] }""", "'argument' is not known here" },
        { "[]", "the manifest is no JSON object" },
    };

    [Fact]
    public void Every_member_is_read()
    {
        var manifest = Parse(Full);

        Assert.Equal(("array", "bin/array", PluginKind.Executable, "1.2"), (manifest.Name, manifest.Entry, manifest.Kind, manifest.Version));
        Assert.Equal(["-v"], manifest.Arguments);
        Assert.Equal(["array", "array-2"], manifest.Pages);
        Assert.Equal((100, 4096), (manifest.Permit.MaxSources, manifest.Permit.MaxPageBytes));
        Assert.Equal(new PluginLimits(0.5, 104857600), manifest.Limits);
        Assert.Equal(["SR_STATS", "OTHER"], manifest.Capabilities.Select(c => c.Name));
        Assert.Equal(["lvm", "nfs"], manifest.Capabilities[0].SrTypes);
        Assert.Equal(("nobody", PluginRestart.OnFailure), (manifest.User, manifest.Restart));
    }

    [Fact]
    public void What_is_left_out_has_its_standard()
    {
        var manifest = Parse("""{ "name": "p", "assembly": "P.dll" }""");

        Assert.Equal(PluginKind.Assembly, manifest.Kind);
        Assert.Equal(["p"], manifest.Pages);
        Assert.Equal(PagePermit.Unlimited, manifest.Permit);
        Assert.Equal((null, PluginRestart.Always), (manifest.User, manifest.Restart));
    }

    [Theory]
    [MemberData(nameof(Manifests))]
    public void Wrong_manifest_is_refused_with_what_is_wrong(string json, string? expected)
    {
        string? message = Record.Exception(() => Parse(json))?.Message;

        if (expected is null)
        {
            Assert.Null(message);
        }
        else
        {
            Assert.Contains(expected, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{ "name": "p", """, "no JSON")]
    [InlineData("", "no JSON")]
    [InlineData("{\n\"name\": \"p\",,\n}", "line 2: no JSON: ',' is an invalid start of a property name")]
    [InlineData("{ \"name\": \"p\",\n \"name\": \"q\", \"executable\": \"run\" }", "line 2: 'name' is there twice")]
    [InlineData("{ \"name\": \"p\",\n \"executabel\": \"run\" }", "line 2: 'executabel' is not known here; did you mean 'executable'?")]
    [InlineData("{ \"Name\": \"p\", \"executable\": \"run\" }", "line 1: 'Name' is not known here; did you mean 'name'?")]
    [InlineData("{ \"name\": \"p\" }", "one of 'executable' and 'assembly' is needed")]
    [InlineData("{ \"name\": \"p\",\n\"executable\": \"run\",\n \"Output\": \"lines\" }", "line 3: 'Output' is not known here; did you mean 'output'?")]
    [InlineData("{ \"memory\": 1,\n \"name\": \"p\", \"executable\": \"run\", \"limits\": {\n\"memory\": 5 } }", "line 3: 'limits.memory' is not known here; did you mean 'memory_bytes'?")]
    [InlineData("{ \"name\": \"p\", \"executable\": \"run\", \"capabilities\": [ {\"name\": \"A\"},\n{ \"name\": \"B\", \"srtypes\": [] } ] }", "line 2: 'capabilities.srtypes' is not known here; did you mean 'sr_types'?")]
    [InlineData("{ \"name\": \"p\",\r\n \"version\": \"\\ud800\", \"executable\": \"run\" }", "line 2: 'version' has half of a character")]
    [InlineData("{ \"\\udc00\": \"p\" }", "a name of a member has half of a character")]
    public void What_is_no_json_is_refused(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<PluginManifestException>(() => Parse(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0xff)]
    [InlineData(0xc3)]
    [InlineData(0xed, 0xa0, 0x80)]
    public void What_is_no_utf8_is_refused(params int[] bytes)
    {
        byte[] json = [.. "{ \"name\": \"p\", \"executable\": \"run\", \"description\": \""u8, .. bytes.Select(b => (byte)b), .. "\" }"u8];

        Assert.Contains("not text in UTF-8", Assert.Throws<PluginManifestException>(() => PluginManifest.Parse(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Byte_order_mark_is_passed_over() => Assert.Equal("p", Parse("\ufeff{ \"name\": \"p\", \"executable\": \"run\" }").Name);

    [PythonFact]
    public void Schema_and_reader_agree()
    {
        using var python = Python.Start(Python.Fixture("manifest_schema.py"), Path.Combine(Python.Repository, "sdk", "plugin.schema.json"));

        foreach (object?[] row in Manifests)
        {
            string json = (string)row[0]!;
            Assert.Equal((row[1] is null ? "right" : "wrong", json), (python.Ask(JsonNode.Parse(json)!.ToJsonString()), json));
        }
        python.End();
    }

    private static PluginManifest Parse(string json) => PluginManifest.Parse(Encoding.UTF8.GetBytes(json));
}
