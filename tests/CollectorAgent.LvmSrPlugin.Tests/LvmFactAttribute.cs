using CollectorAgent.TestKit;

namespace CollectorAgent.LvmSrPlugin.Tests;

/// <summary>A test that makes volume groups on loop devices.</summary>
internal sealed class LvmFactAttribute : FactAttribute
{
    public LvmFactAttribute()
    {
        if (!LoopVolumeGroup.IsPossible)
        {
            Skip = "lvm2 is not installed, or this is not root";
        }
    }
}
