using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace Vendor.Plugin_1;

/// <summary>Reports how much of the file system of its folder is free.</summary>
public sealed class Plugin(PluginContext context) : IStatsPlugin
{
    // Made once: what is reported again and again allocates nothing.
    private readonly ReportedSource _free = new("plugin_source_free")
    {
        Type = ReportedType.Gauge,
        IsInteger = true,
        IsDefault = true,
        Units = "B",
        Description = "Free space of the file system.",
    };

    private readonly DriveInfo _drive = new(context.Folder);

    public void Collect(SampleBatch batch) => batch.Report(_free, _drive.AvailableFreeSpace);
}
