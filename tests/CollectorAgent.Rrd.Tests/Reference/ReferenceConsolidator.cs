namespace CollectorAgent.Rrd.Tests.Reference;

/// <summary>Works out a CDP from the PDPs it covers, and from nothing else.</summary>
internal static class ReferenceConsolidator
{
    /// <summary>The CDP of one row; row r covers the steps from r x PdpPerCdp + 1 to (r + 1) x PdpPerCdp.</summary>
    public static double Cdp(ArchiveLayout layout, RraDefinition rra, ReferenceColumn column, long row)
    {
        long first = row * rra.PdpPerCdp + 1;
        double[] known = [.. Enumerable.Range(0, rra.PdpPerCdp).Select(i => first + i)
            .Where(step => !column.Barriers.Exists(b => IsHidden(layout, rra, step, b)))
            .Select(step => column.Pdps.GetValueOrDefault(step, double.NaN))
            .Where(pdp => !double.IsNaN(pdp))];
        double unknownShare = (rra.PdpPerCdp - known.Length) / (double)rra.PdpPerCdp;
        if (known.Length == 0 || unknownShare > rra.Xff)
        {
            return double.NaN;
        }
        return rra.Function switch
        {
            ConsolidationFunction.Average => known.Average(),
            ConsolidationFunction.Min => known.Min(),
            ConsolidationFunction.Max => known.Max(),
            _ => column.LastOf(row * rra.PdpPerCdp + rra.PdpPerCdp, known[^1]),
        };
    }

    /// <summary>Whether the PDP of a step says nothing any more since its data source was redefined: it was part of a row that had not ended, or
    /// would be gathered into one.</summary>
    private static bool IsHidden(ArchiveLayout layout, RraDefinition rra, long step, long barrier)
    {
        var affected = rra.PdpPerCdp > 1 ? [rra.PdpPerCdp] : layout.Stages.Where(s => s.IsGathered).Select(s => s.PdpPerCdp);
        return step <= barrier && affected.Any(p => (step - 1) / p == barrier / p);
    }

    /// <summary>Compares every row that a ring holds, and those beyond both its ends, which are unknown.</summary>
    /// <remarks>Averages and means of rates may differ by the rounding of a sum: 1e-12 of the largest PDP. All else is equal to the
    /// bit.</remarks>
    public static void AssertEqual(Tile actual, int column, ReferenceColumn reference)
    {
        double scale = reference.Pdps.Values.Select(Math.Abs).DefaultIfEmpty().Max();
        for (int r = 0; r < actual.Layout.Rras.Count; r++)
        {
            var rra = actual.Layout.Rras[r];
            long newest = actual.LastStep / rra.PdpPerCdp - 1;
            bool isRounded = reference.WasWeighted || rra.Function == ConsolidationFunction.Average && rra.PdpPerCdp > 1;
            double tolerance = isRounded ? 1e-12 * scale : 0;
            for (long row = newest - rra.Rows; row <= newest + 1; row++)
            {
                bool isHeld = row >= 0 && row <= newest && row > newest - rra.Rows;
                double expected = isHeld ? Cdp(actual.Layout, rra, reference, row) : double.NaN;
                double cell = actual.Cell(r, row, column);
                var (_, _, min, max, _) = actual.Columns[column];
                Assert.False(cell < min || cell > max, $"{actual.Columns[column]}: {cell:R} is out of bounds");
                Assert.True(
                    double.IsNaN(expected) ? double.IsNaN(cell) : Math.Abs(expected - cell) <= tolerance,
                    $"{actual.Columns[column]}, {rra}, row {row}: {cell:R} instead of {expected:R}");
            }
        }
    }
}
