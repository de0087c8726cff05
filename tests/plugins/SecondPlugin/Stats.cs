using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace SecondPlugin;

public sealed class Stats : IStatsPlugin
{
    private readonly ReportedSource _answer = new("answer") { Type = ReportedType.Gauge, IsDefault = true };

    public void Collect(SampleBatch batch) => batch.Report(_answer, PrivateDependency.Answer.Of2);
}
