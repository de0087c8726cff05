namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

/// <summary>A test with a file system of its own.</summary>
internal sealed class FuseFactAttribute : FactAttribute
{
    public FuseFactAttribute() => Skip = Requires.Root() ?? Requires.Program("python3") ?? Requires.Kernel("/dev/fuse");
}
