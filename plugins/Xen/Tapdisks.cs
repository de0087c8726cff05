using System.Globalization;
using System.IO.Enumeration;
using CollectorAgent.Native;

namespace CollectorAgent.XenPlugin;

/// <summary>The disks that tapdisk processes serve, each with a folder of pages in shared memory.</summary>
/// <param name="sharedMemoryRoot">Where these folders are.</param>
internal sealed class Tapdisks(string sharedMemoryRoot, string procRoot)
{
    /// <summary>More disks than a host serves; everybody can make files in shared memory.</summary>
    private const int MaxPages = 16384;

    public void Count(LiveSet<VbdKey, Vbd> vbds)
    {
        if (!Directory.Exists(sharedMemoryRoot))
        {
            return;
        }
        int pages = 0;
        foreach (uint pid in Processes())
        {
            string folder = Path.Combine(sharedMemoryRoot, string.Create(CultureInfo.InvariantCulture, $"td3-{pid}"));
            try
            {
                // The folder of a tapdisk that was killed remains.
                if (!Directory.Exists(Path.Combine(procRoot, pid.ToString(CultureInfo.InvariantCulture)))
                    || !TapdiskPage.IsTrusted(PosixFile.Status(folder), FileKind.Folder))
                {
                    continue;
                }
                foreach (var key in VbdKey.In(folder))
                {
                    if (++pages > MaxPages)
                    {
                        return;
                    }
                    if (TapdiskPage.TryRead(Path.Combine(folder, key.ToString()), out var counters))
                    {
                        vbds.See(key).Count(counters);
                    }
                }
            }
            catch (IOException)
            {
                // This tapdisk has ended meanwhile.
            }
        }
    }

    private FileSystemEnumerable<uint> Processes() =>
        new(sharedMemoryRoot, static (ref FileSystemEntry entry) => Pid(ref entry)!.Value)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => Pid(ref entry) is not null,
        };

    private static uint? Pid(ref FileSystemEntry entry) => DeviceName.TryParse(entry.FileName, "td3-", out uint pid) ? pid : null;
}
