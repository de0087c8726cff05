using System.Globalization;

namespace CollectorAgent.Cli;

/// <summary>One refresh of the newest values.</summary>
internal sealed class TopView
{
    private readonly Rows _rows;
    private readonly IReadOnlyDictionary<(string Kind, string Uuid, string Name), string> _units;
    private readonly List<(int Index, Column Column)> _shown;

    /// <param name="rows">The newest is the last.</param>
    /// <param name="filter">What names must contain.</param>
    /// <param name="gone">Columns that are left out unless a row here knows them.</param>
    public TopView(
        Rows rows, string filter, IReadOnlyDictionary<(string Kind, string Uuid, string Name), string> units, IReadOnlySet<Column> gone)
    {
        _rows = rows;
        _units = units;
        _shown = [.. rows.Columns.Index()
            .Where(c => c.Item.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
            .Where(c => !gone.Contains(c.Item) || rows.Items.Any(r => !double.IsNaN(r.Values[c.Index])))
            .Select(c => (c.Index, c.Item))];
    }

    public bool IsEmpty => _shown.Count == 0;

    public IEnumerable<string> Lines()
    {
        string time = _rows.Items.Count > 0 ? ValueText.Time(_rows.Items[^1].Time) : "no rows yet";
        yield return string.Create(CultureInfo.InvariantCulture, $"{time}  {_shown.Count} data sources");
        var labels = new OwnerLabels(_rows.Columns);
        var table = new TextTable("NAME", "OWNER", ">VALUE", ">MIN", ">AVG", ">MAX", "LAST 2 MIN");
        foreach (var (index, column) in _shown)
        {
            double[] values = [.. _rows.Items.Select(r => r.Values[index])];
            double[] known = [.. values.Where(v => !double.IsNaN(v))];
            string units = _units.GetValueOrDefault((column.Kind, column.Uuid, column.Name), "");
            table.Add(
                column.Name,
                labels[column],
                ValueText.Of(values.Length > 0 ? values[^1] : double.NaN, units),
                known.Length > 0 ? ValueText.Of(known.Min(), units) : "",
                known.Length > 0 ? ValueText.Of(known.Average(), units) : "",
                known.Length > 0 ? ValueText.Of(known.Max(), units) : "",
                Sparkline.Of(values));
        }
        foreach (string line in table.Lines())
        {
            yield return line;
        }
    }
}
