using CollectorAgent.Sdk;

namespace TwoPlugins;

public sealed class One : IStatsPlugin
{
    public void Collect(SampleBatch batch)
    {
    }
}

public sealed class Other : IStatsPlugin
{
    public void Collect(SampleBatch batch)
    {
    }
}
