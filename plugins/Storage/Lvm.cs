using System.Globalization;

namespace CollectorAgent.Storage;

/// <summary>Asks LVM for its volume groups, without changing anything and without a lock that others would wait for.</summary>
/// <param name="folder">Where <c>vgs</c> and <c>lvs</c> are.</param>
/// <param name="config">Settings for LVM in the form of lvm.conf; may be empty.</param>
internal sealed class Lvm(string folder, string config)
{
    /// <summary>How full a thin pool is only the kernel knows, and LVM does not ask it when it is told to be read-only.</summary>
    private const string AskKernelWithoutLocks = "global{locking_type=0 metadata_read_only=1}";

    private readonly string _vgs = Path.Combine(folder, "vgs");
    private readonly string _lvs = Path.Combine(folder, "lvs");

    /// <summary>Lists the groups and what is in them. What some of LVM's programs do not tell is unknown; its trouble says why.</summary>
    /// <exception cref="IOException">Not even the groups can be listed.</exception>
    public Answer<IReadOnlyList<VolumeGroup>> List(CancellationToken stop)
    {
        var trouble = new List<string>();
        var groups = Rows(_vgs, "vg", config, ["--readonly", "-o", "vg_uuid,vg_name,vg_size,vg_free"], Group, trouble, stop);
        try
        {
            AddVolumes(groups, trouble, stop);
        }
        catch (IOException e)
        {
            trouble.Add(e.Message);
        }
        return new(groups, trouble.Count == 0 ? null : string.Join("; ", trouble));
    }

    private void AddVolumes(List<VolumeGroup> groups, List<string> trouble, CancellationToken stop)
    {
        int before = trouble.Count;
        var volumes = Rows(_lvs, "lv", config, ["--readonly", "-o", "vg_uuid,lv_name,lv_attr,lv_size"], ListedVolume.Read, trouble, stop);
        if (trouble.Count > before)
        {
            // A sum over some of the volumes would be a wrong one.
            return;
        }
        var pools = volumes.Any(volume => volume.IsThinPool) ? ThinPools(trouble, stop) : [];
        var groupVolumes = volumes.ToLookup(volume => volume.Group, volume => volume.WithUse(pools));
        for (int i = 0; i < groups.Count; i++)
        {
            var own = groupVolumes[groups[i].Uuid].ToList();
            if (own.DistinctBy(volume => volume.Name).Count() < own.Count || own.Aggregate(Int128.Zero, Add) > long.MaxValue)
            {
                throw new LvmReportException("lvs printed volumes that cannot be");
            }
            groups[i] = groups[i] with { Volumes = own };
        }
    }

    private List<PoolUse> ThinPools(List<string> trouble, CancellationToken stop)
    {
        try
        {
            string[] what = ["-S", "lv_attr=~^t", "-o", "vg_uuid,lv_name,data_percent,metadata_percent"];
            return Rows(_lvs, "lv", $"{config} {AskKernelWithoutLocks}", what, PoolUse.Read, trouble, stop);
        }
        catch (IOException e)
        {
            trouble.Add($"use of thin pools: {e.Message}");
            return [];
        }
    }

    private static List<T> Rows<T>(
        string program, string kind, string config, string[] what, Func<LvmRow, T> read, List<string> trouble, CancellationToken stop)
    {
        string[] settings = config.Length > 0 ? ["--config", config] : [];
        var output = ReportingProgram.Run(
            program, [.. settings, "--reportformat", "json", "--units", "b", "--nosuffix", .. what], stop);
        string name = Path.GetFileName(program);
        string? failure = output.ExitCode == 0
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{name} exited with {output.ExitCode}: {output.LastError}");
        try
        {
            var rows = LvmRow.Read(output.Output, kind).Select(read).ToList();
            if (failure is not null)
            {
                // One group that cannot be read makes it fail, and it lists the others all the same.
                trouble.Add(failure);
            }
            return rows;
        }
        catch (LvmReportException e)
        {
            throw new LvmReportException(failure ?? $"{name} printed {e.Message}");
        }
    }

    private static VolumeGroup Group(LvmRow row)
    {
        long size = row.Bytes("vg_size");
        long free = row.Bytes("vg_free");
        return free <= size
            ? new VolumeGroup(row.Name("vg_uuid"), row.Name("vg_name"), size, free, null)
            : throw new LvmReportException("more free space than there is");
    }

    private static Int128 Add(Int128 sum, LogicalVolume volume) => sum + volume.SizeBytes;

    private sealed record PoolUse(string Group, string Name, double Data, double Metadata)
    {
        public static PoolUse Read(LvmRow row) =>
            new(row.Name("vg_uuid"), row.Name("lv_name"), row.Fraction("data_percent"), row.Fraction("metadata_percent"));
    }

    /// <param name="Kind">What the first of its attributes says; see lvs(8).</param>
    private sealed record ListedVolume(string Group, char Kind, string Name, long SizeBytes)
    {
        private const char ThinPool = 't';
        private const char DeduplicatingPool = 'd';

        public bool IsThinPool => Kind == ThinPool;

        public static ListedVolume Read(LvmRow row) =>
            new(row.Name("vg_uuid"), row.Text("lv_attr").FirstOrDefault(), row.Name("lv_name"), row.Bytes("lv_size"));

        public LogicalVolume WithUse(List<PoolUse> pools) =>
            pools.Find(pool => pool.Group == Group && pool.Name == Name) is { } use
                ? new(Name, SizeBytes, IsPool: true, use.Data, use.Metadata)
                : new(Name, SizeBytes, Kind is ThinPool or DeduplicatingPool);
    }
}
