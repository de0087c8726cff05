namespace CollectorAgent.Sampling;

/// <summary>The way of all values of a page.</summary>
internal sealed class RoutedPage
{
    public List<OwnerRoute> Routes { get; } = [];

    /// <summary>Names that stand on the page twice, that belong to another plugin, or whose owner has no room.</summary>
    public List<string> Refused { get; } = [];

    /// <summary>Data sources whose history is not copied yet: the next tick continues.</summary>
    public int Waiting { get; set; }

    /// <summary>Data sources that had to make room, because names change too often to keep all that were ever reported.</summary>
    public int Retired { get; set; }
}
