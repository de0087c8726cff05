namespace CollectorAgent.Forwarding.Tests;

/// <summary>A test that only root can run. Others skip it, but not where changes are judged.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "this needs root";
        }
    }
}
