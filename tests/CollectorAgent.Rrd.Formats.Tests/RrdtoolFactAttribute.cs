namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>A test that asks the real rrdtool.</summary>
internal sealed class RrdtoolFactAttribute : FactAttribute
{
    public RrdtoolFactAttribute()
    {
        if (Tool.IsMissing(Tool.Rrdtool))
        {
            Skip = "rrdtool is not installed";
        }
    }
}
