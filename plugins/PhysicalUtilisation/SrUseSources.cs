using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>The data sources of one SR.</summary>
internal sealed class SrUseSources(string uuid)
{
    private readonly ReportedSource _used = Source(uuid, "physical_utilisation", "Space that is in use.");
    private readonly ReportedSource _virtual = Source(uuid, "virtual_allocation", "Sum of the virtual sizes of all disks.");
    private readonly ReportedSource _size = Source(uuid, "size", "Size of the storage.");

    public void Report(SampleBatch batch, SrUse use)
    {
        batch.Report(_used, use.Used);
        batch.Report(_size, use.Size);
        if (use.Virtual is { } bytes)
        {
            batch.Report(_virtual, bytes);
        }
    }

    private static ReportedSource Source(string uuid, string name, string description) => new(name)
    {
        Owner = new Owner(OwnerKind.Sr, uuid),
        Type = ReportedType.Gauge,
        IsInteger = true,
        Units = "B",
        Min = 0,
        IsDefault = true,
        Description = description,
    };
}
