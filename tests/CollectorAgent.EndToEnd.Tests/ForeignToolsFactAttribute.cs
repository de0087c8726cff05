namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A test that runs other people's MessagePack.</summary>
internal sealed class ForeignToolsFactAttribute : FactAttribute
{
    public ForeignToolsFactAttribute() => Skip =
        Requires.Installed(Directory.Exists("/usr/lib/python3/dist-packages/msgpack"), "python3-msgpack")
        ?? Requires.Installed(Directory.Exists(ForeignPlugin.NodeModules), "@msgpack/msgpack");
}
