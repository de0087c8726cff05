namespace CollectorAgent.Store;

/// <summary>Which run of the machine this is: until the next one, what processes wrote to files is there, on disk or not.</summary>
internal static class BootIdentity
{
    private const string Path = "/proc/sys/kernel/random/boot_id";

    /// <returns>One of its own where the kernel does not say.</returns>
    public static Guid Read() => File.Exists(Path) && Guid.TryParse(File.ReadAllText(Path).Trim(), out var boot) ? boot : Guid.NewGuid();
}
