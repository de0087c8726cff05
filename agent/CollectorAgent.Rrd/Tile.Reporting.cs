namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    /// <summary>In place of the step in which a column was reported last: it is reported now.</summary>
    public const long Now = long.MaxValue;

    /// <summary>Widest tile that a claim makes: whatever is done to one tile takes a short while.</summary>
    public const int MaxColumns = 512;

    private readonly long[] _reportedThrough;

    /// <summary>Whether any column is reported now.</summary>
    internal bool IsReported => _reportedThrough.AsSpan().Contains(Now);

    internal int UnreportedColumns => _reportedThrough.Length - _reportedThrough.AsSpan().Count(Now);

    /// <summary>The step in which any column was reported last.</summary>
    internal long LastReported => _reportedThrough.Max();

    /// <summary>The step in which a column was reported last, as far as this process knows; <see cref="Now"/> where it is reported.</summary>
    public long ReportedThrough(int column) => _reportedThrough[column];

    internal void Report(int column) => _reportedThrough[column] = Now;

    /// <summary>A column is reported no longer.</summary>
    internal void Unreport(int column, long lastStep)
    {
        _reportedThrough[column] = _reportedThrough[column] == Now ? lastStep : _reportedThrough[column];
    }

    /// <summary>No column is reported from now on.</summary>
    internal void Unreport(long lastStep) => _reportedThrough.AsSpan().Replace(Now, lastStep);

    /// <summary>Takes over from the tile that it continues who reports it, and which columns; those from elsewhere are reported.</summary>
    /// <param name="copy">A tile of the same columns that the origins name in its place.</param>
    internal void ContinueReports(Tile tile, Tile copy, IReadOnlyList<Origin> origins)
    {
        Plugin = tile.Plugin;
        for (int i = 0; i < origins.Count; i++)
        {
            _reportedThrough[i] = origins[i].Tile == copy ? tile._reportedThrough[origins[i].Column] : Now;
        }
    }

    /// <summary>Whether a column has not been reported since a step.</summary>
    internal bool HasUnreportedSince(long step) => _reportedThrough.AsSpan().ContainsAnyInRange(long.MinValue, step - 1);

    /// <summary>Of which columns anything is known in the rows that rings hold at a step.</summary>
    internal bool[] KnownColumns(long step)
    {
        bool[] isKnown = new bool[_columns.Length];
        for (int rra = 0; rra < Layout.Rras.Count; rra++)
        {
            long oldest = Math.Max(0, (step / Layout.Rras[rra].PdpPerCdp) - Layout.Rras[rra].Rows);
            for (long row = NewestRow(rra); row >= oldest && isKnown.Contains(false); row--)
            {
                NoteKnown(Band(rra, row), isKnown);
            }
        }
        foreach (var stage in Layout.Stages.Where(s => !s.IsFinest && step / s.PdpPerCdp == LastStep / s.PdpPerCdp))
        {
            // What is known of an unfinished row counts where it suffices for the row, should nothing more come.
            double[] counts = UnfinishedRow(stage);
            int least = stage.Rras.Min(r => Layout.Rras[r].LeastKnown);
            for (int i = 0; i < isKnown.Length; i++)
            {
                isKnown[i] |= counts[i] >= least;
            }
        }
        return isKnown;
    }

    private static void NoteKnown(ReadOnlySpan<double> cells, bool[] isKnown)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            isKnown[i] |= !double.IsNaN(cells[i]);
        }
    }
}
