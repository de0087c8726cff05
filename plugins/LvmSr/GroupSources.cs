using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using CollectorAgent.Storage;

namespace CollectorAgent.LvmSrPlugin;

/// <summary>The data sources of one SR, with the values of one listing.</summary>
internal sealed class GroupSources
{
    private readonly List<(ReportedSource Source, long Value)> _bytes = [];
    private readonly List<(ReportedSource Source, double Value)> _fractions = [];

    public GroupSources(LvmSr sr)
    {
        var owner = new Owner(OwnerKind.Sr, sr.Uuid);
        var group = sr.Group;
        AddBytes("lvm_size", group.SizeBytes, "Size of the volume group.");
        AddBytes("lvm_free", group.FreeBytes, "What of it belongs to no volume.");
        if (group.SizeBytes > 0)
        {
            double used = (double)(group.SizeBytes - group.FreeBytes) / group.SizeBytes;
            AddFraction("lvm_utilisation", used, "Part of the volume group that belongs to volumes.");
        }
        if (group.Volumes is not { } volumes)
        {
            return;
        }
        AddBytes("lvm_allocation", volumes.Where(volume => !volume.IsPool).Sum(volume => volume.SizeBytes),
            "Sum of the sizes of all volumes, of thin ones their virtual sizes.");
        foreach (var pool in volumes)
        {
            AddFraction($"lvm_pool_{pool.Name}_data", pool.DataUsed, "Part of the thin pool's data space that is used.");
            AddFraction($"lvm_pool_{pool.Name}_metadata", pool.MetadataUsed, "Part of the thin pool's metadata space that is used.");
        }

        void AddBytes(string name, long value, string description) =>
            _bytes.Add((Source(name, description) with { IsInteger = true, Units = "B" }, value));

        void AddFraction(string name, double value, string description)
        {
            if (!double.IsNaN(value))
            {
                _fractions.Add((Source(name, description) with { Units = "(fraction)", Max = 1 }, value));
            }
        }

        ReportedSource Source(string name, string description) => new(name)
        {
            Owner = owner,
            Type = ReportedType.Gauge,
            Min = 0,
            IsDefault = true,
            Description = description,
        };
    }

    public void Report(SampleBatch batch)
    {
        foreach (var (source, value) in _bytes)
        {
            batch.Report(source, value);
        }
        foreach (var (source, value) in _fractions)
        {
            batch.Report(source, value);
        }
    }
}
