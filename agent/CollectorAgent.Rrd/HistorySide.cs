namespace CollectorAgent.Rrd;

/// <summary>Where the columns of a tile lie on one side of a join.</summary>
/// <param name="layout">That of the tiles they lie in.</param>
/// <param name="places">For each column its tile and its place there; null where this side does not have it.</param>
/// <param name="lastStep">The newest step that this side has ended.</param>
internal sealed class HistorySide(ArchiveLayout layout, ColumnPlace?[] places, long lastStep)
{
    private readonly List<(Tile Tile, List<(int To, int From)> Columns)> _sources =
        [.. places.Index().Where(p => p.Item is not null).GroupBy(p => p.Item!.Value.Tile)
            .Select(g => (g.Key, g.Select(p => (p.Index, p.Item!.Value.Column)).ToList()))];

    public long LastStep => lastStep;

    /// <summary>Rows of PDPs that this side keeps; 0 where it keeps none.</summary>
    public int StepRows => layout.Rras.Where(r => r.PdpPerCdp == 1).Select(r => r.Rows).DefaultIfEmpty().Max();

    /// <summary>Puts the cells of a row where there is nothing known yet.</summary>
    /// <param name="rra">Whose row it is; this side may not have such an RRA.</param>
    /// <param name="values">One a column.</param>
    public void FillRow(RraDefinition rra, long row, Span<double> values)
    {
        int own = IndexOf(rra);
        if (own < 0)
        {
            return;
        }
        foreach (var (tile, columns) in _sources)
        {
            var cells = tile.Row(own, row);
            foreach (var (to, from) in cells.IsEmpty ? [] : columns)
            {
                values[to] = double.IsNaN(values[to]) ? cells[from] : values[to];
            }
        }
    }

    /// <summary>The unfinished row of a column in an RRA; null where this side does not have it.</summary>
    public CdpScratch? Scratch(RraDefinition rra, int column) =>
        IndexOf(rra) is >= 0 and var own && places[column] is { } place ? place.Tile.Scratch(own, place.Column) : null;

    private int IndexOf(RraDefinition rra)
    {
        // Those of other PDPs come to the same cells.
        for (int i = 0; i < layout.Rras.Count; i++)
        {
            if (layout.Rras[i].PdpPerCdp == rra.PdpPerCdp && (rra.PdpPerCdp == 1 || layout.Rras[i].Function == rra.Function))
            {
                return i;
            }
        }
        return -1;
    }
}
