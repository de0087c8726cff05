using CollectorAgent.Protocol;

namespace CollectorAgent.HostPlugin.Tests;

/// <summary>What the agent read of one sample.</summary>
internal sealed class Sample
{
    private readonly Dictionary<string, long> _bits = [];
    private readonly Dictionary<string, ReportedSource> _sources = [];

    public Sample(IReadOnlyList<ReportedSource> sources, ReadOnlySpan<long> values)
    {
        Sources = [.. sources];
        for (int i = 0; i < values.Length; i++)
        {
            _bits.Add(sources[i].Name, values[i]);
            _sources.Add(sources[i].Name, sources[i]);
        }
    }

    public IReadOnlyList<ReportedSource> Sources { get; }

    public IEnumerable<string> Names => Sources.Select(source => source.Name);

    public bool Has(string name) => _bits.ContainsKey(name);

    public double Float(string name)
    {
        Assert.False(_sources[name].IsInteger);
        return BitConverter.Int64BitsToDouble(_bits[name]);
    }

    public long Integer(string name)
    {
        Assert.True(_sources[name].IsInteger);
        return _bits[name];
    }

    /// <summary>The devices whose data sources have this prefix and end.</summary>
    public string[] Devices(string prefix, string end) =>
    [
        .. Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(end, StringComparison.Ordinal))
            .Select(name => name[prefix.Length..^end.Length]),
    ];
}
