namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    /// <summary>Number of the newest row of an RRA that is over. Row r ends with step (r + 1) x PdpPerCdp.</summary>
    public long NewestRow(int rra) => LastStep / Layout.Rras[rra].PdpPerCdp - 1;

    /// <summary>The CDPs of one row in column order: unknown where the ring does not hold it, or not yet.</summary>
    public void CopyRow(int rra, long row, Span<double> values)
    {
        if (Holds(rra, row))
        {
            _rings[rra].Slot(row).CopyTo(values);
        }
        else
        {
            values[.._columns.Length].Fill(double.NaN);
        }
    }

    /// <summary>One CDP; NaN where it is unknown or the ring does not hold its row.</summary>
    public double Cell(int rra, long row, int column) => Holds(rra, row) ? _rings[rra].Slot(row)[column] : double.NaN;

    /// <summary>The unfinished row of one column in one RRA.</summary>
    public CdpScratch Scratch(int rra, int column)
    {
        var definition = Layout.Rras[rra];
        return ResolutionOf(definition).Scratch(column, definition.Function, LastStep);
    }

    /// <summary>The unfinished step of one column.</summary>
    public PdpScratch Scratch(int column) => new(
        _hasPrevious[column] ? _previous[column] : null,
        _columns[column].Type == DataSourceType.Gauge
            ? _hasPrevious[column] ? Value(_columns[column], _previous[column]) : 0
            : _accumulated[column],
        _unknownSeconds[column]);

    private bool Holds(int rra, long row)
    {
        long newest = NewestRow(rra);
        return row >= 0 && row <= newest && row > newest - Layout.Rras[rra].Rows;
    }

    private Resolution ResolutionOf(RraDefinition rra) => Array.Find(_resolutions, r => r.PdpPerCdp == rra.PdpPerCdp)!;
}
