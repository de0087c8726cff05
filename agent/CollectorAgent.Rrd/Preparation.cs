using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CollectorAgent.Rrd;

/// <summary>What the known PDPs of an unfinished row amount to so far, column beside column.</summary>
/// <remarks>
/// A view of memory: of a tile, or of scratch space. All functions of one stage share it, and what none of them needs is not there.
/// Sums and counts are over PDPs at every stage, so the result is that of the definition. The unknown PDPs of a row are not counted: they
/// are those that are not known when it ends. Columns are taken eight at a time; what is left over goes one by one and comes to the same.
/// </remarks>
internal readonly ref struct Preparation
{
    private readonly Span<double> _known;
    private readonly Span<double> _sum;
    private readonly Span<double> _min;
    private readonly Span<double> _max;
    private readonly Span<double> _last;

    /// <param name="stage">Says what is needed.</param>
    /// <param name="memory">Section after section, each of <paramref name="columns"/> values.</param>
    public Preparation(Stage stage, Span<double> memory, int columns)
    {
        _known = Section(ref memory, true, columns);
        _sum = Section(ref memory, stage.NeedsSum, columns);
        _min = Section(ref memory, stage.NeedsMin, columns);
        _max = Section(ref memory, stage.NeedsMax, columns);
        _last = Section(ref memory, stage.NeedsLast, columns);
    }

    private Preparation(Preparation whole, int start, int count)
    {
        _known = whole._known.Slice(start, count);
        _sum = Part(whole._sum, start, count);
        _min = Part(whole._min, start, count);
        _max = Part(whole._max, start, count);
        _last = Part(whole._last, start, count);
    }

    /// <summary>How many values are kept of each column.</summary>
    public static int Sections(Stage stage) =>
        1 + (stage.NeedsSum ? 1 : 0) + (stage.NeedsMin ? 1 : 0) + (stage.NeedsMax ? 1 : 0) + (stage.NeedsLast ? 1 : 0);

    public Preparation Slice(int start, int count) => new(this, start, count);

    public void Reset()
    {
        _known.Clear();
        _sum.Clear();
        _min.Fill(double.PositiveInfinity);
        _max.Fill(double.NegativeInfinity);
        _last.Fill(double.NaN);
    }

    public void CopyFrom(Preparation other)
    {
        other._known.CopyTo(_known);
        other._sum.CopyTo(_sum);
        other._min.CopyTo(_min);
        other._max.CopyTo(_max);
        other._last.CopyTo(_last);
    }

    /// <summary>Folds one PDP of every column in; NaN is unknown.</summary>
    public void Add(ReadOnlySpan<double> pdps)
    {
        Debug.Assert(pdps.Length == _known.Length, "one PDP for each column");
        Count(pdps);
        Sum(pdps);
        KeepLowest(pdps);
        KeepHighest(pdps);
        KeepLast(pdps);
    }

    /// <summary>Folds a later stretch of PDPs in, which has at least what this one needs.</summary>
    public void Merge(Preparation later)
    {
        AddTo(_known, later._known);
        AddTo(_sum, later._sum);
        KeepLowest(later._min);
        KeepHighest(later._max);
        KeepLast(later._last);
    }

    /// <summary>Folds the PDPs of some rows in, the oldest first.</summary>
    /// <param name="cells">Memory in which all of them lie.</param>
    /// <param name="rows">Where each of them begins.</param>
    public void Gather(ReadOnlySpan<double> cells, ReadOnlySpan<int> rows)
    {
        int vectors = _known.Length / Vector512<double>.Count;
        bool needsLast = !_last.IsEmpty;
        for (int v = 0; v < vectors; v++)
        {
            int i = v * Vector512<double>.Count;
            var known = Vector512<double>.Zero;
            var sum = Vector512<double>.Zero;
            var min = Vector512.Create(double.PositiveInfinity);
            var max = Vector512.Create(double.NegativeInfinity);
            var last = Vector512.Create(double.NaN);
            foreach (int row in rows)
            {
                var pdps = Vector512.Create(cells[(row + i)..]);
                var isKnown = Vector512.Equals(pdps, pdps);
                known += isKnown & Vector512<double>.One;
                sum += isKnown & pdps;
                min = Vector512.ConditionalSelect(Vector512.LessThan(pdps, min), pdps, min);
                max = Vector512.ConditionalSelect(Vector512.GreaterThan(pdps, max), pdps, max);
                if (needsLast)
                {
                    last = Vector512.ConditionalSelect(isKnown, pdps, last);
                }
            }
            Put(_known, i, known);
            Put(_sum, i, sum);
            Put(_min, i, min);
            Put(_max, i, max);
            Put(_last, i, last);
        }
        var rest = Slice(vectors * Vector512<double>.Count, _known.Length - vectors * Vector512<double>.Count);
        rest.Reset();
        foreach (int row in rows)
        {
            rest.Add(cells.Slice(row + vectors * Vector512<double>.Count, rest._known.Length));
        }
    }

    /// <summary>Writes the CDPs of a row that is over.</summary>
    /// <param name="lowest">Bounds of all these columns.</param>
    public void Consolidate(RraDefinition rra, double lowest, double highest, Span<double> cells)
    {
        var least = Vector512.Create((double)rra.LeastKnown);
        var unknown = Vector512.Create(double.NaN);
        var known = MemoryMarshal.Cast<double, Vector512<double>>(_known);
        var values = MemoryMarshal.Cast<double, Vector512<double>>(SectionOf(rra.Function));
        var results = MemoryMarshal.Cast<double, Vector512<double>>(cells);
        bool isAverage = rra.Function == ConsolidationFunction.Average;
        for (int v = 0; v < results.Length; v++)
        {
            var isKnown = Vector512.GreaterThanOrEqual(known[v], least);
            var value = values[v];
            if (isAverage)
            {
                isKnown &= Vector512.LessThanOrEqual(Vector512.Abs(value), Vector512.Create(double.MaxValue));
                value /= known[v];
                value = Vector512.ConditionalSelect(Vector512.GreaterThan(value, Vector512.Create(lowest)), value, Vector512.Create(lowest));
                value = Vector512.ConditionalSelect(Vector512.LessThan(value, Vector512.Create(highest)), value, Vector512.Create(highest));
            }
            results[v] = Vector512.ConditionalSelect(isKnown, value, unknown);
        }
        for (int i = results.Length * Vector512<double>.Count; i < cells.Length; i++)
        {
            cells[i] = Consolidate(rra, lowest, highest, i);
        }
    }

    private double Consolidate(RraDefinition rra, double lowest, double highest, int column) =>
        _known[column] < rra.LeastKnown ? double.NaN
        : rra.Function == ConsolidationFunction.Average ? Average(column, lowest, highest)
        : SectionOf(rra.Function)[column];

    /// <summary>Takes up an unfinished row that was kept outside, as <see cref="CdpScratch"/> describes it.</summary>
    /// <remarks>Where PDPs are known but their value is NaN, that stays: no later PDP can tell what the row amounts to.</remarks>
    public void Restore(int column, RraDefinition rra, int elapsed, CdpScratch scratch)
    {
        int unknown = (int)Math.Clamp(scratch.UnknownPdps, 0, elapsed);
        _known[column] = elapsed - unknown;
        if (_known[column] == 0)
        {
            return;
        }
        switch (rra.Function)
        {
            case ConsolidationFunction.Average:
                _sum[column] = scratch.Value * (rra.PdpPerCdp - unknown);
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
    public void Exclude(int column, Preparation finer, int finerColumn)
    {
        _known[column] = Math.Max(0, _known[column] - finer._known[finerColumn]);
        if (!_sum.IsEmpty)
        {
            _sum[column] = _known[column] == 0 ? 0 : _sum[column] - finer._sum[finerColumn];
        }
    }

    /// <summary>Whether all that is known of a column lies within bounds, as far as can be told.</summary>
    public bool Fits(int column, double lowest, double highest)
    {
        if (_known[column] == 0)
        {
            return true;
        }
        double mean = _sum.IsEmpty ? double.NaN : _sum[column] / _known[column];
        return !(mean < lowest || mean > highest)
            && (_min.IsEmpty || _min[column] >= lowest)
            && (_max.IsEmpty || _max[column] <= highest)
            && (_last.IsEmpty || !(_last[column] < lowest || _last[column] > highest));
    }

    /// <summary>The unfinished row as it is kept outside.</summary>
    public CdpScratch Scratch(int column, RraDefinition rra, int elapsed)
    {
        long unknown = elapsed - (long)_known[column];
        return new CdpScratch(
            rra.Function switch
            {
                ConsolidationFunction.Average => rra.PdpPerCdp == unknown ? 0 : _sum[column] / (rra.PdpPerCdp - unknown),
                ConsolidationFunction.Min => _known[column] == 0 ? double.NaN : _min[column],
                ConsolidationFunction.Max => _known[column] == 0 ? double.NaN : _max[column],
                ConsolidationFunction.Last => _last[column],
                _ => throw new UnreachableException(),
            },
            unknown);
    }

    private Span<double> SectionOf(ConsolidationFunction function) => function switch
    {
        ConsolidationFunction.Average => _sum,
        ConsolidationFunction.Min => _min,
        ConsolidationFunction.Max => _max,
        ConsolidationFunction.Last => _last,
        _ => throw new UnreachableException(),
    };

    private static void Put(Span<double> section, int start, Vector512<double> values)
    {
        if (!section.IsEmpty)
        {
            values.CopyTo(section[start..]);
        }
    }

    private static Span<double> Section(scoped ref Span<double> memory, bool isNeeded, int columns)
    {
        var section = isNeeded ? memory[..columns] : [];
        memory = memory[section.Length..];
        return section;
    }

    private static Span<double> Part(Span<double> section, int start, int count) => section.IsEmpty ? [] : section.Slice(start, count);

    /// <summary>The mean of the known PDPs; unknown where their sum leaves the range of a double.</summary>
    /// <remarks>A mean of values within the bounds can leave them by the last bit of its rounding.</remarks>
    private double Average(int column, double lowest, double highest)
    {
        double mean = _sum[column] / _known[column];
        mean = mean > lowest ? mean : lowest;
        mean = mean < highest ? mean : highest;
        return double.IsFinite(_sum[column]) ? mean : double.NaN;
    }

    private void Count(ReadOnlySpan<double> pdps)
    {
        var vectors = MemoryMarshal.Cast<double, Vector512<double>>(_known);
        var added = MemoryMarshal.Cast<double, Vector512<double>>(pdps);
        for (int v = 0; v < vectors.Length; v++)
        {
            vectors[v] += Vector512.ConditionalSelect(Vector512.Equals(added[v], added[v]), Vector512<double>.One, Vector512<double>.Zero);
        }
        for (int i = vectors.Length * Vector512<double>.Count; i < _known.Length; i++)
        {
            _known[i] += double.IsNaN(pdps[i]) ? 0 : 1;
        }
    }

    private void Sum(ReadOnlySpan<double> pdps)
    {
        var vectors = MemoryMarshal.Cast<double, Vector512<double>>(_sum);
        var added = MemoryMarshal.Cast<double, Vector512<double>>(pdps);
        for (int v = 0; v < vectors.Length; v++)
        {
            vectors[v] += Vector512.ConditionalSelect(Vector512.Equals(added[v], added[v]), added[v], Vector512<double>.Zero);
        }
        for (int i = vectors.Length * Vector512<double>.Count; i < _sum.Length; i++)
        {
            _sum[i] += double.IsNaN(pdps[i]) ? 0 : pdps[i];
        }
    }

    private static void AddTo(Span<double> sums, ReadOnlySpan<double> added)
    {
        var vectors = MemoryMarshal.Cast<double, Vector512<double>>(sums);
        var more = MemoryMarshal.Cast<double, Vector512<double>>(added);
        for (int v = 0; v < vectors.Length; v++)
        {
            vectors[v] += more[v];
        }
        for (int i = vectors.Length * Vector512<double>.Count; i < sums.Length; i++)
        {
            sums[i] += added[i];
        }
    }

    private void KeepLowest(ReadOnlySpan<double> values)
    {
        var vectors = MemoryMarshal.Cast<double, Vector512<double>>(_min);
        var others = MemoryMarshal.Cast<double, Vector512<double>>(values);
        for (int v = 0; v < vectors.Length; v++)
        {
            vectors[v] = Vector512.ConditionalSelect(Vector512.LessThan(others[v], vectors[v]), others[v], vectors[v]);
        }
        for (int i = vectors.Length * Vector512<double>.Count; i < _min.Length; i++)
        {
            _min[i] = values[i] < _min[i] ? values[i] : _min[i];
        }
    }

    private void KeepHighest(ReadOnlySpan<double> values)
    {
        var vectors = MemoryMarshal.Cast<double, Vector512<double>>(_max);
        var others = MemoryMarshal.Cast<double, Vector512<double>>(values);
        for (int v = 0; v < vectors.Length; v++)
        {
            vectors[v] = Vector512.ConditionalSelect(Vector512.GreaterThan(others[v], vectors[v]), others[v], vectors[v]);
        }
        for (int i = vectors.Length * Vector512<double>.Count; i < _max.Length; i++)
        {
            _max[i] = values[i] > _max[i] ? values[i] : _max[i];
        }
    }

    private void KeepLast(ReadOnlySpan<double> values)
    {
        var vectors = MemoryMarshal.Cast<double, Vector512<double>>(_last);
        var others = MemoryMarshal.Cast<double, Vector512<double>>(values);
        for (int v = 0; v < vectors.Length; v++)
        {
            vectors[v] = Vector512.ConditionalSelect(Vector512.Equals(others[v], others[v]), others[v], vectors[v]);
        }
        for (int i = vectors.Length * Vector512<double>.Count; i < _last.Length; i++)
        {
            _last[i] = double.IsNaN(values[i]) ? _last[i] : values[i];
        }
    }
}
