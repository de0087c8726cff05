using System.Diagnostics;
using System.Globalization;

namespace CollectorAgent.TestKit;

/// <summary>A real volume group of LVM on a loop device. Its volumes cannot be activated: that takes a device mapper.</summary>
public sealed class LoopVolumeGroup : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vg-").FullName;
    private readonly string _device;
    private readonly List<string> _attached = [];

    /// <summary>Makes the device and the group.</summary>
    /// <param name="name">Of the group; nothing else on this machine may have it.</param>
    public LoopVolumeGroup(string name, long deviceBytes)
    {
        Name = name;
        string image = Path.Combine(_folder, "image");
        using (var file = File.Create(image))
        {
            file.SetLength(deviceBytes);
        }
        _device = Run("losetup", "--find", "--show", image).Trim();
        try
        {
            Lvm("pvcreate", _device);
            Lvm("vgcreate", name, _device);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    /// <summary>For LVM's <c>--config</c>: it sees this device alone, and neither asks nor tells anyone else.</summary>
    public string Config =>
        $"devices{{filter=[\"a|^{_device}$|\",\"r|.*|\"] use_devicesfile=0}} global{{activation=0}} " +
        "activation{udev_sync=0 udev_rules=0} backup{backup=0 archive=0}";

    public string Lvm(string program, params string[] arguments) => Run(program, ["--config", Config, .. arguments]);

    /// <summary>Adds a volume. It lies there, inactive.</summary>
    public void AddVolume(string name, string size) => Lvm("lvcreate", "-an", "-Zn", "-Wn", "-L", size, "-n", name, Name);

    /// <summary>A block device of the very blocks of a volume that lies in one piece, as the device mapper would make it.</summary>
    public string Attach(string name)
    {
        string[] area = Lvm("lvs", "--noheadings", "-o", "seg_pe_ranges", $"{Name}/{name}").Trim().Split(':', '-');
        string[] sizes = Lvm("pvs", "--noheadings", "--nosuffix", "--units", "b", "-o", "pe_start,vg_extent_size", _device)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        (long start, long extent) = (Number(sizes[0]), Number(sizes[1]));
        long count = Number(area[2]) - Number(area[1]) + 1;
        string device = Run(
            "losetup", "--find", "--show", "--offset", $"{start + (Number(area[1]) * extent)}", "--sizelimit", $"{count * extent}", _device).Trim();
        _attached.Add(device);
        return device;

        static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>Adds a thin pool of 40 MiB and a thin volume of 300 MiB, by way of the group's description: to make them as one does
    /// takes a device mapper.</summary>
    public void AddThinPool()
    {
        string backup = Path.Combine(_folder, "backup");
        Lvm("vgcfgbackup", "-f", backup, Name);
        string description = File.ReadAllText(backup);
        int volumes = description.IndexOf("logical_volumes {", StringComparison.Ordinal) + "logical_volumes {".Length;
        string thin =
            Volume(1, "pool", isVisible: true, 10, "type=\"thin-pool\" metadata=\"pool_tmeta\" pool=\"pool_tdata\" transaction_id=1 chunk_size=128 "
                + "discards=\"passdown\" zero_new_blocks=1")
            + Volume(2, "pool_tdata", isVisible: false, 10, Striped(20))
            + Volume(3, "pool_tmeta", isVisible: false, 1, Striped(30))
            + Volume(4, "lvol0_pmspare", isVisible: false, 1, Striped(31))
            + Volume(5, "thin1", isVisible: true, 75, "type=\"thin\" thin_pool=\"pool\" transaction_id=0 device_id=1");
        File.WriteAllText(backup, description.Insert(volumes, thin));
        Lvm("vgcfgrestore", "--yes", "--force", "-f", backup, Name);

        static string Striped(int extent) => $"type=\"striped\" stripe_count=1 stripes=[\"pv0\", {extent}]";

        static string Volume(int id, string name, bool isVisible, int extents, string segment) =>
            $$"""

            {{name}} {
                id="aaaaaa-aaaa-aaaa-aaaa-aaaa-aaaa-aaaaa{{id}}"
                status=["READ", "WRITE"{{(isVisible ? ", \"VISIBLE\"" : "")}}]
                flags=[]
                segment_count=1
                segment1 { start_extent=0 extent_count={{extents}} {{segment}} }
            }
            """;
    }

    public void Dispose()
    {
        _attached.ForEach(d => Run("losetup", "--detach", d));
        // The group is gone with its disk.
        Run("losetup", "--detach", _device);
        Directory.Delete(_folder, recursive: true);
    }

    private static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LVM_SUPPRESS_FD_WARNINGS"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} exited with {process.ExitCode}: {errors.Result}");
    }
}
