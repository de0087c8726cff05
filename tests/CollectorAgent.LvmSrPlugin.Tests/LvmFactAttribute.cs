namespace CollectorAgent.LvmSrPlugin.Tests;

/// <summary>A test that makes volume groups on loop devices.</summary>
internal sealed class LvmFactAttribute : FactAttribute
{
    public LvmFactAttribute() => Skip = Requires.Root() ?? Requires.Program("vgs") ?? Requires.Kernel("/dev/loop-control");
}
