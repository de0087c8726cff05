namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A test that runs other people's MessagePack. Without it, it is skipped, but fails where changes are judged.</summary>
internal sealed class ForeignToolsFactAttribute : FactAttribute
{
    public ForeignToolsFactAttribute()
    {
        bool isThere = Directory.Exists("/usr/lib/python3/dist-packages/msgpack") && Directory.Exists(ForeignPlugin.NodeModules);
        if (!isThere && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "python3-msgpack or @msgpack/msgpack is not there; tests/run installs them";
        }
    }
}
