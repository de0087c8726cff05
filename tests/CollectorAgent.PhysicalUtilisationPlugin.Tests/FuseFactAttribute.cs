namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

/// <summary>A test with a file system of its own.</summary>
internal sealed class FuseFactAttribute : FactAttribute
{
    public FuseFactAttribute()
    {
        if (!Environment.IsPrivilegedProcess || !File.Exists("/dev/fuse") || !File.Exists("/usr/bin/python3"))
        {
            Skip = "there is no FUSE or no python3, or this is not root";
        }
    }
}
