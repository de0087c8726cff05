using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Manifests of plugins.</summary>
public sealed class ManifestFuzzTests(ITestOutputHelper output)
{
    private const string Manifest = """
        {"name":"a","version":"1.0","description":"d","executable":"run","arguments":["-x","y z"],"output":"lines","pages":["a","b"],
         "owners":["host"],"capabilities":[{"name":"c","sr_types":["lvm"]}],"limits":{"memory_mib":64,"data_sources":5,"files":32},"user":"nobody",
         "restart":"never"}
        """;

    private static readonly string[] Words =
    [
        "\"name\":", "\"assembly\":\"a.dll\",", "\"executable\":\"run\",", "\"output\":\"lines\",", "\"arguments\":[", "\"pages\":[",
        "\"owners\":[",
        "\"vm\"", "\"sr\"", "\"capabilities\":[", "\"limits\":{", "\"user\":", "\"restart\":\"always\",",
    ];

    [Fact]
    public void Manifest_is_read_or_refused() =>
        new Fuzzing("manifest", Seeds(), output) { Words = Words }.Run(bytes =>
        {
            try
            {
                PluginManifest.Parse(bytes);
                return true;
            }
            catch (PluginManifestException)
            {
                return false;
            }
        });

    private static IEnumerable<byte[]> Seeds() =>
    [
        Encoding.UTF8.GetBytes(Manifest),
        .. new[] { "plugins/PhysicalUtilisation", "plugins/Xen", "plugins/Host", "sdk/samples/csharp", "sdk/samples/python", "sdk/samples/shell" }
            .Select(f => File.ReadAllBytes(Repository.PathOf(Path.Combine(f, PluginManifest.FileName)))),
    ];
}
