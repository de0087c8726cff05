using System.Globalization;

namespace CollectorAgent.Rrd.Formats;

/// <content>Makes an RRD of what was read.</content>
public sealed partial class RrdXmlReader
{
    /// <summary>Puts what was read in its place: one tile for the data sources of each sample time, as they came from one plugin.</summary>
    private RoundRobinDatabase Build(ArchiveLayout layout, double lastUpdate)
    {
        var rrd = new RoundRobinDatabase(layout);
        // A repeated name: the later one counts, as readers of such archives have always had it. Of two that were spelled differently, a colon
        // here, a slash there, the later one goes on, and knows what the other one knew.
        var repeats = _sources.Index().Where(s => !s.Item.IsComputed).GroupBy(s => s.Item.Name).Select(g => g.Last())
            .GroupBy(s => DataSource.NameOf(s.Item.Name)).ToDictionary(g => g.Key, g => g.Select(s => s.Index).OrderDescending().ToArray());
        foreach (var computed in _sources.Where(s => s.IsComputed))
        {
            _leftOut?.Add($"data source {computed.Name}: it is computed from others");
        }
        var sources = _sources.Index().Where(s => !s.Item.IsComputed).Where(s => repeats[DataSource.NameOf(s.Item.Name)][0] == s.Index).ToList();
        long lastStep = layout.StepEndedAt(lastUpdate);
        foreach (var group in sources.GroupBy(s => s.Item.LastUpdated))
        {
            var members = group.ToList();
            var tile = new Tile(layout, [.. members.Select(m => Definition(m.Item))], lastStep);
            RestoreRows(tile, [.. members.Select(m => repeats[DataSource.NameOf(m.Item.Name)])]);
            tile.RestoreSample(group.Key ?? double.NaN, [.. members.Select(m => Scratch(m.Item))]);
            tile.RestorePreparations([.. members.Select(m => Scratches(m.Index))]);
            rrd.Add(tile);
        }
        return rrd;
    }

    /// <param name="sources">For each column those that have its name, the one that counts first.</param>
    private void RestoreRows(Tile tile, int[][] sources)
    {
        var values = new double[sources.Length];
        for (int rra = 0; rra < _rras.Count; rra++)
        {
            var rows = _rras[rra].Rows;
            long oldest = tile.NewestRow(rra) - rows.Count + 1;
            for (int row = 0; row < rows.Count; row++)
            {
                for (int column = 0; column < sources.Length; column++)
                {
                    values[column] = double.NaN;
                    foreach (int source in sources[column])
                    {
                        values[column] = double.IsNaN(values[column]) ? rows[row][source] : values[column];
                    }
                }
                tile.RestoreRow(rra, oldest + row, values);
            }
        }
    }

    /// <summary>The unfinished rows of a data source; null where the document does not have them all.</summary>
    private CdpScratch[]? Scratches(int source) =>
        _rras.TrueForAll(r => source < r.Scratches.Count) ? [.. _rras.Select(r => _unfinished.Of(r.Definition, r.Scratches[source]))] : null;

    /// <summary>The unfinished step of a data source. What ABSOLUTE has here is a rate in older archives, and a count of nearly nothing in
    /// ours.</summary>
    private static PdpScratch Scratch(Source source) =>
        new(Previous(source), source.Type == DataSourceType.Absolute ? 0 : source.Value, source.UnknownSeconds);

    private static DataSource Definition(Source source) => new(
        source.Name,
        source.Type,
        double.IsNaN(source.Min) ? double.NegativeInfinity : source.Min,
        double.IsNaN(source.Max) ? double.PositiveInfinity : source.Max,
        source.Heartbeat)
    {
        IsInteger = !source.IsDouble && IsInteger(source.Last),
    };

    private static bool IsInteger(string last) => last.Length > 0 && last.AsSpan().TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>The raw value that the next one is compared with. Older archives write 0.0 for an unknown one.</summary>
    private static long? Previous(Source source)
    {
        if (!source.IsDouble && IsInteger(source.Last))
        {
            return long.TryParse(source.Last, CultureInfo.InvariantCulture, out long signed) ? signed
                : ulong.TryParse(source.Last, CultureInfo.InvariantCulture, out ulong unsigned) ? (long)unsigned
                : null;
        }
        return source.Last != "0.0" && NumberFormat.TryParse(source.Last, out double value) && double.IsFinite(value)
            ? BitConverter.DoubleToInt64Bits(value)
            : null;
    }
}
