namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>A test that asks Python.</summary>
internal sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute()
    {
        if (Tool.IsMissing(Tool.Python))
        {
            Skip = "python3 is not installed";
        }
    }
}
