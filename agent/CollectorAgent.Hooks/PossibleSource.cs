using CollectorAgent.Rrd;

namespace CollectorAgent.Hooks;

/// <summary>A data source that is recorded or could be.</summary>
/// <param name="IsRecorded">It is recorded now.</param>
/// <param name="IsStandard">It is recorded where nobody says otherwise.</param>
public sealed record PossibleSource(string Name, string Description, bool IsRecorded, bool IsStandard, double Min, double Max, string Units)
{
    /// <summary>One that nobody reports any more, as toolstacks have always been told of it.</summary>
    internal static PossibleSource OfHistory(DataSource source) => new(
        source.Name, "description not available", IsRecorded: false, IsStandard: false, source.Min, source.Max, "unknown");
}
