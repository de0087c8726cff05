namespace CollectorAgent.Rrd;

/// <summary>The rows of one RRA for the columns of one tile, row by row.</summary>
/// <remarks>
/// Rows are numbered since the epoch: row r of an RRA ends with step (r + 1) x PdpPerCdp and lies in slot r mod Rows, so a
/// row needs no time stamp and the columns of two tiles can never be off by one against each other.
/// </remarks>
internal sealed class Ring
{
    private readonly Memory<double> _cells;
    private readonly int _columns;

    public Ring(RraDefinition definition, int columns)
    {
        Definition = definition;
        _columns = columns;
        _cells = new double[definition.Rows * columns];
        _cells.Span.Fill(double.NaN);
    }

    private Ring(Ring other)
    {
        Definition = other.Definition;
        _columns = other._columns;
        _cells = other._cells.ToArray();
    }

    public RraDefinition Definition { get; }

    public Ring Clone() => new(this);

    /// <summary>The slot that row <paramref name="row"/> shares with all rows a multiple of Rows away.</summary>
    public Span<double> Slot(long row) => _cells.Span.Slice((int)(row % Definition.Rows) * _columns, _columns);

    /// <summary>Makes the rows from <paramref name="first"/> to <paramref name="last"/> unknown, as many as the ring has.</summary>
    public void Clear(long first, long last)
    {
        if (last - first + 1 >= Definition.Rows)
        {
            _cells.Span.Fill(double.NaN);
            return;
        }
        for (long row = first; row <= last; row++)
        {
            Slot(row).Fill(double.NaN);
        }
    }

    /// <summary>Copies one column of another ring of the same shape.</summary>
    public void CopyColumn(int column, Ring source, int sourceColumn)
    {
        var to = _cells.Span;
        var from = source._cells.Span;
        for (int row = 0; row < Definition.Rows; row++)
        {
            to[row * _columns + column] = from[row * source._columns + sourceColumn];
        }
    }
}
