using CollectorAgent.TestKit;

namespace CollectorAgent.Sdk.Tests;

/// <summary>A test that makes volumes on loop devices.</summary>
internal sealed class LoopFactAttribute : FactAttribute
{
    public LoopFactAttribute()
    {
        if (!LoopVolumeGroup.IsPossible)
        {
            Skip = "lvm2 is not installed, or this is not root";
        }
    }
}
