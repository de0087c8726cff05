using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

// Made once: what is reported again and again allocates nothing.
var free = new ReportedSource("plugin_source_free")
{
    Type = ReportedType.Gauge,
    IsInteger = true,
    IsDefault = true,
    Units = "B",
    Description = "Free space of the file system.",
};
var drive = new DriveInfo(Environment.CurrentDirectory);

return await StatsPlugin.RunAsync("plugin-uid", batch => batch.Report(free, drive.AvailableFreeSpace));
