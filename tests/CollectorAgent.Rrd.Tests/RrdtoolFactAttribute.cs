namespace CollectorAgent.Rrd.Tests;

/// <summary>A test that asks the real rrdtool.</summary>
internal sealed class RrdtoolFactAttribute : FactAttribute
{
    public RrdtoolFactAttribute()
    {
        if (Rrdtool.IsMissing)
        {
            Skip = "rrdtool is not installed";
        }
    }
}
