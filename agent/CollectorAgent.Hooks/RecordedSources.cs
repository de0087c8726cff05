using System.IO.Enumeration;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Sampling;
using CollectorAgent.Store;

namespace CollectorAgent.Hooks;

/// <summary>What there is to record of an owner, and what is recorded: a toolstack asks, and says what more or what no longer.</summary>
public sealed class RecordedSources(RrdStore store, Sampler sampler)
{
    /// <summary>Records a data source that a plugin only offers.</summary>
    /// <exception cref="DataSourceMissingException">Nobody offers it, or nothing is recorded of the owner.</exception>
    public async Task AddAsync(RrdOwner owner, string name)
    {
        var offered = Offered(owner).GetValueOrDefault(DataSource.NameOf(name)) ?? throw new DataSourceMissingException($"{name}: no plugin offers it of {owner.FileName}");
        Recorded(owner);
        await sampler.ChangeAsync(owner, rrd => rrd.Add(offered.ToDataSource()));
    }

    /// <summary>Removes a data source with its history. One that is recorded by default comes back with the next sample, without history.</summary>
    public async Task ForgetAsync(RrdOwner owner, string name)
    {
        if (store.Find(owner) is not null)
        {
            await sampler.ChangeAsync(owner, rrd => rrd.Remove(DataSource.NameOf(name)));
        }
    }

    /// <summary>The recorded data sources whose names match.</summary>
    /// <param name="owner">Whose; null for all.</param>
    /// <param name="pattern">A name in which <c>*</c> stands for any text and <c>?</c> for any character.</param>
    public IReadOnlyList<MatchingSource> Matching(RrdOwner? owner, string pattern) =>
    [
        .. Owners(owner).SelectMany(o => o.Copy(rrd => rrd.Tiles.SelectMany(t => t.Columns.Index()
            .Where(c => Matches(pattern, c.Item.Name))
            .Select(c => new MatchingSource(o.Owner, c.Item.Name, t.ReportedThrough(c.Index) == Tile.Now))).ToList())),
    ];

    /// <summary>Removes the data sources whose names match, with their history; and owners of which nothing is left then and which no plugin
    /// reports. One that a plugin reports comes back with the next sample, without history.</summary>
    /// <returns>How many went.</returns>
    /// <inheritdoc cref="Matching"/>
    public async Task<int> ForgetMatchingAsync(RrdOwner? owner, string pattern)
    {
        int removed = 0;
        foreach (var each in Owners(owner))
        {
            removed += await sampler.ForgetAsync(each.Owner, name => Matches(pattern, name));
        }
        return removed;
    }

    /// <summary>The newest value: NaN where it is unknown.</summary>
    /// <exception cref="DataSourceMissingException">It is not recorded.</exception>
    public double Query(RrdOwner owner, string name) =>
        Recorded(owner).Copy(rrd => rrd.Newest(DataSource.NameOf(name), sampler.Report.OldestNews)) ?? throw new DataSourceMissingException($"{name}: it is not recorded of {owner.FileName}");

    /// <summary>What is recorded or offered of an owner, by name; nothing of one that is not known.</summary>
    public IReadOnlyList<PossibleSource> Possible(RrdOwner owner)
    {
        var offered = Offered(owner);
        var recorded = store.Find(owner)?.Copy(rrd => rrd.DataSources.ToDictionary(s => s.Name)) ?? [];
        return
        [
            .. offered.Values.Select(s => new PossibleSource(
                s.Name, s.Description, recorded.ContainsKey(s.Name), s.IsDefault, s.Min, s.Max, s.Units))
                .Concat(recorded.Values.Where(s => !offered.ContainsKey(s.Name)).Select(PossibleSource.OfHistory))
                .OrderBy(s => s.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>How much of each SR is used.</summary>
    public IReadOnlyList<SrUse> Srs()
    {
        long oldest = sampler.Report.OldestNews;
        return
        [
            .. store.All.Where(r => r.Owner.Kind == RrdOwnerKind.Sr).Select(r => r.Copy(rrd => new SrUse(
                r.Owner.Uuid,
                rrd.Newest("size", oldest) ?? double.NaN,
                rrd.Newest("physical_utilisation", oldest) ?? double.NaN,
                rrd.Newest("virtual_allocation", oldest) ?? double.NaN))),
        ];
    }

    private IEnumerable<OwnedRrd> Owners(RrdOwner? owner) =>
        owner is not { } one ? store.All : store.Find(one) is { } owned ? [owned] : [];

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);

    private OwnedRrd Recorded(RrdOwner owner) => store.Find(owner) ?? throw new DataSourceMissingException(owner.Kind switch
    {
        RrdOwnerKind.Vm => $"VM: {owner.Uuid}",
        RrdOwnerKind.Sr => $"SR: {owner.Uuid}",
        _ => "No host datasource!",
    });

    /// <summary>What plugins report of an owner now; the first plugin counts.</summary>
    private Dictionary<string, ReportedSource> Offered(RrdOwner owner) => sampler.Plugins
        .SelectMany(p => p.Sources).Where(s => s.Owner.ToRrdOwner() == owner).DistinctBy(s => s.Name).ToDictionary(s => s.Name);
}
