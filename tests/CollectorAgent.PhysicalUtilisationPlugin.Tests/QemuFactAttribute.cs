namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

/// <summary>A test that has qemu-img make disks.</summary>
internal sealed class QemuFactAttribute : FactAttribute
{
    public QemuFactAttribute() => Skip = Requires.Installed(File.Exists("/usr/bin/qemu-img"), "qemu-utils");
}
