using CollectorAgent.Protocol;

namespace CollectorAgent.Benchmarks;

/// <summary>The pages of many plugins, which publish together.</summary>
internal sealed class PageFleet : IDisposable
{
    private readonly PageFile[] _pages;
    private readonly long[] _values;
    private readonly byte[] _buffer = new byte[1 << 20];
    private readonly Random _random = new(1);

    /// <param name="folder">Where the pages lie; of an earlier fleet they are written anew.</param>
    public PageFleet(ScaleShape shape, string folder)
    {
        _values = new long[shape.SourcesOfPage];
        _pages = [.. Enumerable.Range(0, shape.Pages).Select(p => new PageFile(Path.Combine(folder, $"page{p}"), Sources(shape, p)))];
    }

    public IReadOnlyList<PageFile> Pages => _pages;

    /// <summary>Every plugin publishes a sample.</summary>
    public void Publish(double timestamp)
    {
        foreach (var page in _pages)
        {
            for (int i = 0; i < _values.Length; i++)
            {
                _values[i] = Workload.IsGauge(i) ? BitConverter.DoubleToInt64Bits(_random.NextDouble()) : (long)timestamp * 1_003 * (i + 1);
            }
            page.Publish(timestamp, _values);
        }
    }

    /// <summary>The least that a tick can do: copy every page and check it.</summary>
    public void ReadBare()
    {
        foreach (var page in _pages)
        {
            page.ReadBare(_buffer, withMetadata: false);
        }
    }

    public void Dispose()
    {
        foreach (var page in _pages)
        {
            page.Dispose();
        }
    }

    private static ReportedSource[] Sources(ScaleShape shape, int page) =>
    [
        .. Enumerable.Range(0, shape.SourcesOfPage).Select(place => PageFile.Source(
            shape.Owners == 1 ? Owner.Host : new Owner(OwnerKind.Vm, $"00000000-0000-0000-0000-{shape.OwnerOf(page, place):x12}"),
            place,
            shape.NumberOf(page, place))),
    ];
}
