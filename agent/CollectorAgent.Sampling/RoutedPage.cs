using CollectorAgent.Protocol;

namespace CollectorAgent.Sampling;

/// <summary>The way of all values of a page.</summary>
internal sealed class RoutedPage
{
    public List<OwnerRoute> Routes { get; } = [];

    /// <summary>Names that stand on the page twice, that belong to another plugin, or whose owner has no room.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>Data sources that the plugin's manifest does not permit.</summary>
    public List<ReportedSource> Forbidden { get; } = [];

    /// <summary>Data sources whose history is not copied yet: the next tick continues.</summary>
    public int Waiting { get; set; }

    /// <summary>Owners that were not looked at yet, as this tick has done enough: the next one continues.</summary>
    public int WaitingOwners { get; set; }

    /// <summary>Data sources that had to make room, because names change too often to keep all that were ever reported.</summary>
    public int Retired { get; set; }
}
