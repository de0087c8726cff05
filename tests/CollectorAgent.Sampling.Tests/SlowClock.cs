namespace CollectorAgent.Sampling.Tests;

/// <summary>Time on which each look takes three milliseconds.</summary>
internal sealed class SlowClock() : TestKit.ManualTime(DateTimeOffset.FromUnixTimeSeconds(SamplerRig.Origin + 2))
{
    private long _looks;

    public bool IsSlow { get; set; }

    public override long GetTimestamp() => base.GetTimestamp() + (IsSlow ? ++_looks : _looks) * TimestampFrequency * 3 / 1000;
}
