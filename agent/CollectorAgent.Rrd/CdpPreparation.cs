using System.Diagnostics;

namespace CollectorAgent.Rrd;

/// <summary>The unfinished row of one resolution: what its known PDPs amount to so far, column beside column.</summary>
/// <remarks>
/// All functions of one resolution share it. A coarser resolution is fed whole rows of a finer one (<see cref="Merge"/>), so a
/// tick touches the finest only; sums and counts are over PDPs at every level, so the result is that of the definition. The
/// unknown PDPs of a row are not counted: they are those that are not known when it ends.
/// </remarks>
internal sealed class CdpPreparation
{
    private readonly double[] _sum;
    private readonly int[] _known;
    private readonly double[] _min;
    private readonly double[] _max;
    private readonly double[] _last;

    public CdpPreparation(int columns)
    {
        _sum = new double[columns];
        _known = new int[columns];
        _min = new double[columns];
        _max = new double[columns];
        _last = new double[columns];
        Reset();
    }

    private CdpPreparation(CdpPreparation other)
    {
        _sum = [.. other._sum];
        _known = [.. other._known];
        _min = [.. other._min];
        _max = [.. other._max];
        _last = [.. other._last];
    }

    public CdpPreparation Clone() => new(this);

    public void Reset()
    {
        Array.Clear(_sum);
        Array.Clear(_known);
        Array.Fill(_min, double.PositiveInfinity);
        Array.Fill(_max, double.NegativeInfinity);
        Array.Fill(_last, double.NaN);
    }

    /// <summary>Folds one PDP of every column in; NaN is unknown.</summary>
    public void Add(ReadOnlySpan<double> pdps)
    {
        Debug.Assert(pdps.Length == _sum.Length, "one PDP for each column");
        for (int i = 0; i < pdps.Length; i++)
        {
            double pdp = pdps[i];
            if (!double.IsNaN(pdp))
            {
                _sum[i] += pdp;
                _known[i]++;
                _min[i] = Math.Min(_min[i], pdp);
                _max[i] = Math.Max(_max[i], pdp);
                _last[i] = pdp;
            }
        }
    }

    /// <summary>Folds a later stretch of PDPs in.</summary>
    public void Merge(CdpPreparation later)
    {
        for (int i = 0; i < _sum.Length; i++)
        {
            MergeColumn(i, later, i);
        }
    }

    public void MergeColumn(int column, CdpPreparation later, int laterColumn)
    {
        _sum[column] += later._sum[laterColumn];
        _known[column] += later._known[laterColumn];
        _min[column] = Math.Min(_min[column], later._min[laterColumn]);
        _max[column] = Math.Max(_max[column], later._max[laterColumn]);
        double last = later._last[laterColumn];
        _last[column] = double.IsNaN(last) ? _last[column] : last;
    }

    /// <summary>Writes the CDPs of a row that is over.</summary>
    public void Consolidate(RraDefinition rra, ReadOnlySpan<double> lowest, ReadOnlySpan<double> highest, Span<double> row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            // A quotient rounds as the xff itself did when it was written down; xff times the PDPs can fall short of a whole number.
            double unknownShare = (rra.PdpPerCdp - _known[i]) / (double)rra.PdpPerCdp;
            row[i] = _known[i] == 0 || unknownShare > rra.Xff ? double.NaN : rra.Function switch
            {
                // A mean of values within the bounds can leave them by the last bit of its rounding.
                ConsolidationFunction.Average => Math.Min(Math.Max(Average(i), lowest[i]), highest[i]),
                ConsolidationFunction.Min => _min[i],
                ConsolidationFunction.Max => _max[i],
                ConsolidationFunction.Last => _last[i],
                _ => throw new UnreachableException(),
            };
        }
    }

    /// <summary>Takes up an unfinished row that was kept outside, as <see cref="CdpScratch"/> describes it.</summary>
    /// <remarks>Where PDPs are known but their value is NaN, that stays: no later PDP can tell what the row amounts to.</remarks>
    public void Restore(int column, ConsolidationFunction function, int pdpPerCdp, int elapsed, CdpScratch scratch)
    {
        int unknown = (int)Math.Clamp(scratch.UnknownPdps, 0, elapsed);
        _known[column] = elapsed - unknown;
        if (_known[column] == 0)
        {
            return;
        }
        switch (function)
        {
            case ConsolidationFunction.Average:
                _sum[column] = scratch.Value * (pdpPerCdp - unknown);
                break;
            case ConsolidationFunction.Min:
                _min[column] = scratch.Value;
                break;
            case ConsolidationFunction.Max:
                _max[column] = scratch.Value;
                break;
            case ConsolidationFunction.Last:
                _last[column] = scratch.Value;
                break;
        }
    }

    /// <summary>Takes a finer unfinished row out again that <see cref="Restore"/> counted in: it will be merged when it ends.</summary>
    /// <remarks>Minimum, maximum and last value can stay: merging them a second time changes nothing.</remarks>
    public void Exclude(int column, CdpPreparation finer)
    {
        _known[column] = Math.Max(0, _known[column] - finer._known[column]);
        _sum[column] = _known[column] == 0 ? 0 : _sum[column] - finer._sum[column];
    }

    /// <summary>The unfinished row as it is kept outside.</summary>
    public CdpScratch Scratch(int column, ConsolidationFunction function, int pdpPerCdp, int elapsed)
    {
        int unknown = elapsed - _known[column];
        return new CdpScratch(
            function switch
            {
                ConsolidationFunction.Average => pdpPerCdp == unknown ? 0 : _sum[column] / (pdpPerCdp - unknown),
                ConsolidationFunction.Min => _known[column] == 0 ? double.NaN : _min[column],
                ConsolidationFunction.Max => _known[column] == 0 ? double.NaN : _max[column],
                ConsolidationFunction.Last => _last[column],
                _ => throw new UnreachableException(),
            },
            unknown);
    }

    /// <summary>The mean of the known PDPs; unknown where their sum leaves the range of a double.</summary>
    private double Average(int column)
    {
        double sum = _sum[column];
        return double.IsFinite(sum) ? sum / _known[column] : double.NaN;
    }
}
