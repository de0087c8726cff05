using CollectorAgent.Sdk;

namespace OddPlugin;

public sealed class Stats(int whatever) : IStatsPlugin
{
    public int Whatever => whatever;

    public void Collect(SampleBatch batch)
    {
    }
}
