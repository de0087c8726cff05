using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace SamplePlugin;

/// <summary>One data source of each kind. The folder that <c>dotnet build -o DIR</c> makes is a plugin folder.</summary>
public sealed class Sample : IStatsPlugin
{
    private const long Size = 1L << 40;

    private readonly string _levelFile;
    private readonly ReportedSource _level = new("csharp_level")
    {
        Type = ReportedType.Gauge,
        IsDefault = true,
        Units = "Cel",
        Description = "What the file level says.",
    };

    private readonly ReportedSource _total = new("csharp_total")
    {
        Type = ReportedType.Derive,
        Min = 0,
        IsInteger = true,
        IsDefault = true,
        Units = "ticks/s",
        Description = "Hundredths of a second since the host has started.",
    };

    private readonly ReportedSource _size;

    /// <exception cref="ArgumentException">The argument in the manifest is not the uuid of an SR.</exception>
    public Sample(PluginContext context)
    {
        if (!Owner.TryParse("sr " + context.Arguments[0], out var sr))
        {
            throw new ArgumentException("the argument in plugin.json is to be the uuid of an SR");
        }
        _levelFile = Path.Combine(context.Folder, "level");
        _size = new ReportedSource("csharp_size")
        {
            Owner = sr,
            Type = ReportedType.Gauge,
            IsInteger = true,
            IsDefault = true,
            Units = "B",
            Description = "Size of the SR.",
        };
    }

    public void Collect(SampleBatch batch)
    {
        // Without the file, or with something else in it, the level alone is unknown.
        batch.Report(_level, ReadLevel());
        batch.Report(_total, TimeProvider.System.GetTimestamp() / (TimeProvider.System.TimestampFrequency / 100));
        batch.Report(_size, Size);
    }

    private double ReadLevel() =>
        File.Exists(_levelFile) && double.TryParse(File.ReadAllText(_levelFile), CultureInfo.InvariantCulture, out double level) ? level : double.NaN;
}
