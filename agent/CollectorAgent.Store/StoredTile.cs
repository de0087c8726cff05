using CollectorAgent.Rrd;

namespace CollectorAgent.Store;

/// <summary>A tile as the directory of a file names it.</summary>
/// <param name="Extent">Where its bytes lie.</param>
/// <param name="Tag">A number that stands in front of them too: no other tile has it.</param>
/// <param name="Columns">In the order of their values.</param>
internal sealed record StoredTile(Extent Extent, long Tag, IReadOnlyList<DataSource> Columns);
