namespace CollectorAgent.Storage;

/// <summary>How LVM is asked.</summary>
/// <param name="Folder">Where <c>vgs</c> and <c>lvs</c> are.</param>
/// <param name="Config">Settings for LVM in the form of lvm.conf; may be empty.</param>
/// <param name="Map">The file that says which volume group is which SR; need not be there.</param>
/// <param name="Period">Time between two listings.</param>
public sealed record LvmOptions(string Folder, string Config, string Map, TimeSpan Period)
{
    /// <summary>Whether LVM is installed there.</summary>
    public bool IsInstalled => File.Exists(Path.Combine(Folder, "vgs")) && File.Exists(Path.Combine(Folder, "lvs"));
}
