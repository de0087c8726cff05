namespace CollectorAgent.Requirements;

/// <summary>A test that asks the real rrdtool.</summary>
internal sealed class RrdtoolFactAttribute : FactAttribute
{
    public RrdtoolFactAttribute() => Skip = Requires.Program("rrdtool");
}
