using CollectorAgent.Protocol;

namespace CollectorAgent.XenPlugin.Tests;

/// <summary>What the agent read of one sample.</summary>
internal sealed class Sample
{
    private readonly Dictionary<(string Owner, string Name), (ReportedSource Source, long Bits)> _values = [];

    public Sample(IReadOnlyList<ReportedSource> sources, ReadOnlySpan<long> values)
    {
        Sources = [.. sources];
        for (int i = 0; i < values.Length; i++)
        {
            // A name that stands twice for an owner is a mistake, and throws here.
            _values.Add((sources[i].Owner.ToString(), sources[i].Name), (sources[i], values[i]));
        }
    }

    public IReadOnlyList<ReportedSource> Sources { get; }

    public IEnumerable<string> NamesOf(string owner) =>
        Sources.Where(source => source.Owner.ToString() == owner).Select(source => source.Name);

    public bool Has(string owner, string name) => _values.ContainsKey((owner, name));

    public string Incarnation(string owner, string name) => _values[(owner, name)].Source.Incarnation;

    public double Float(string owner, string name)
    {
        var (source, bits) = _values[(owner, name)];
        Assert.False(source.IsInteger);
        return BitConverter.Int64BitsToDouble(bits);
    }

    public long Integer(string owner, string name)
    {
        var (source, bits) = _values[(owner, name)];
        Assert.True(source.IsInteger);
        return bits;
    }
}
