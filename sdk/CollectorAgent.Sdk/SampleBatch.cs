using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk;

/// <summary>The values of one sample, in the order in which they are reported.</summary>
/// <remarks>Reporting the same data source objects in the same order each time allocates nothing.</remarks>
public sealed class SampleBatch
{
    private readonly List<ReportedSource> _sources = [];
    private long[] _values = new long[16];
    private int _count;
    private bool _isChanged;

    /// <summary>Reports the value of a <c>float</c> data source; NaN says that it is unknown.</summary>
    /// <exception cref="ArgumentException">The data source holds integers.</exception>
    public void Report(ReportedSource source, double value)
    {
        if (source.IsInteger)
        {
            throw new ArgumentException($"data source '{source.Name}' holds integers; report a long", nameof(source));
        }
        Add(source, BitConverter.DoubleToInt64Bits(value));
    }

    /// <summary>Reports a whole number. One that is unknown is left out of this sample.</summary>
    /// <param name="value">Of an <c>int64</c> data source, kept as it is; of a <c>float</c> one, as the nearest double, which is the same up
    /// to 2^53 either way.</param>
    public void Report(ReportedSource source, long value) => Add(source, source.IsInteger ? value : BitConverter.DoubleToInt64Bits(value));

    internal IReadOnlyList<ReportedSource> Sources => _sources;

    internal ReadOnlySpan<long> Values => _values.AsSpan(0, _count);

    /// <summary>Starts a sample.</summary>
    internal void Begin() => _count = 0;

    /// <summary>Ends a sample.</summary>
    /// <returns>Whether its data sources are others than those of the last sample that ended; some may have failed in between.</returns>
    internal bool End()
    {
        if (_count < _sources.Count)
        {
            _sources.RemoveRange(_count, _sources.Count - _count);
            _isChanged = true;
        }
        bool isChanged = _isChanged;
        _isChanged = false;
        return isChanged;
    }

    private void Add(ReportedSource source, long bits)
    {
        if (_count == _values.Length)
        {
            Array.Resize(ref _values, 2 * _count);
        }
        if (_count == _sources.Count)
        {
            _sources.Add(source);
            _isChanged = true;
        }
        else if (!ReferenceEquals(_sources[_count], source))
        {
            _isChanged |= _sources[_count] != source;
            _sources[_count] = source;
        }
        _values[_count++] = bits;
    }
}
