using System.Buffers;

namespace CollectorAgent.Rrd.Formats;

/// <summary>The rows of an RRD in the order in which a document has them, copied a block at a time.</summary>
internal sealed class RowBlocks(RrdSnapshot rrd) : IDisposable
{
    private readonly double[] _values = ArrayPool<double>.Shared.Rent(rrd.RowsAtOnce * rrd.Columns);
    private int _rra = -1;
    private long _first;
    private long _end;

    /// <summary>One row over all data sources, in their order. Good until the next call.</summary>
    /// <exception cref="TimeoutException">It has been overwritten since the document began.</exception>
    public ReadOnlyMemory<double> Row(int rra, long row)
    {
        if (rra != _rra || row < _first || row >= _end)
        {
            long newest = rrd.LastStep / rrd.Layout.Rras[rra].PdpPerCdp - 1;
            _rra = rra;
            _first = row;
            _end = Math.Min(row + rrd.RowsAtOnce, newest + 1);
            rrd.CopyRows(rra, row, (int)(_end - row), _values);
        }
        return _values.AsMemory((int)(row - _first) * rrd.Columns, rrd.Columns);
    }

    public void Dispose() => ArrayPool<double>.Shared.Return(_values);
}
