using CollectorAgent.Rrd;

namespace CollectorAgent.Store;

/// <summary>One object for all layouts, and all data sources, that are equal: thousands of VMs have the same.</summary>
internal sealed class SharedDefinitions
{
    private readonly List<ArchiveLayout> _layouts = [ArchiveLayout.Averages, ArchiveLayout.AveragesMinMax];
    private readonly Dictionary<DataSource, DataSource> _columns = [];

    public ArchiveLayout Layout(int stepSeconds, IReadOnlyList<RraDefinition> rras)
    {
        var known = _layouts.Find(l => l.StepSeconds == stepSeconds && l.Rras.SequenceEqual(rras));
        if (known is null)
        {
            known = new ArchiveLayout(stepSeconds, rras);
            _layouts.Add(known);
        }
        return known;
    }

    public DataSource Column(DataSource column)
    {
        if (_columns.TryGetValue(column, out var known))
        {
            return known;
        }
        _columns.Add(column, column);
        return column;
    }
}
