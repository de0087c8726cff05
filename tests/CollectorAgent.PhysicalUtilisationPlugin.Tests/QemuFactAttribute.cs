namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

/// <summary>A test that has qemu-img make disks.</summary>
internal sealed class QemuFactAttribute : FactAttribute
{
    public QemuFactAttribute()
    {
        if (!File.Exists("/usr/bin/qemu-img"))
        {
            Skip = "qemu-utils is not installed";
        }
    }
}
