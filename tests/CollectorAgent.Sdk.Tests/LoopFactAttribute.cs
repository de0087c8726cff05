namespace CollectorAgent.Sdk.Tests;

/// <summary>A test that makes volumes on loop devices.</summary>
internal sealed class LoopFactAttribute : FactAttribute
{
    public LoopFactAttribute() => Skip = Requires.Root() ?? Requires.Program("vgs") ?? Requires.Kernel("/dev/loop-control");
}
