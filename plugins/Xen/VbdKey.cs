using System.Globalization;
using System.IO.Enumeration;

namespace CollectorAgent.XenPlugin;

/// <summary>A disk of a domain, by the number that blkfront knows it by.</summary>
internal readonly record struct VbdKey(uint Domain, uint Device)
{
    /// <summary>The disks that have an entry in a folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static FileSystemEnumerable<VbdKey> In(string folder) =>
        new(folder, static (ref FileSystemEntry entry) => Parse(ref entry)!.Value)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => Parse(ref entry) is not null,
        };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"vbd-{Domain}-{Device}");

    private static VbdKey? Parse(ref FileSystemEntry entry) =>
        DeviceName.TryParse(entry.FileName, "vbd-", '-', out uint domain, out uint device) ? new VbdKey(domain, device) : null;
}
