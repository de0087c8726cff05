namespace CollectorAgent.Requirements;

/// <summary>A test that only root can run.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Requires.Root();
}
