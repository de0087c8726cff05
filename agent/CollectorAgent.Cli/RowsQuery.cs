using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Cli;

/// <summary>Which rows an agent is asked for.</summary>
/// <param name="Start">Unix seconds; negative: that long before the newest row.</param>
/// <param name="IntervalSeconds">Smallest spacing of rows; 0: the finest.</param>
/// <param name="Function">Null: all.</param>
/// <param name="Owner">Null: all.</param>
internal sealed record RowsQuery(long Start, long IntervalSeconds = 0, ConsolidationFunction? Function = null, Owner? Owner = null)
{
    /// <summary>The newest row only.</summary>
    public const long Newest = -1;

    public string Path
    {
        get
        {
            string interval = IntervalSeconds > 0 ? string.Create(CultureInfo.InvariantCulture, $"&interval={IntervalSeconds}") : "";
            string function = Function is { } wanted ? $"&cf={wanted.Name()}" : "";
            return string.Create(CultureInfo.InvariantCulture, $"rrd_updates?json&start={Start}{interval}{function}&{Owners}");
        }
    }

    private string Owners => Owner switch
    {
        null => "host=true&vm_uuid=all&sr_uuid=all",
        { Kind: OwnerKind.Vm, Uuid: var uuid } => $"vm_uuid={Uri.EscapeDataString(uuid)}&sr_uuid=none",
        { Kind: OwnerKind.Sr, Uuid: var uuid } => $"vm_uuid=none&sr_uuid={Uri.EscapeDataString(uuid)}",
        _ => "host=true&vm_uuid=none&sr_uuid=none",
    };
}
