using CollectorAgent.Protocol;

namespace CollectorAgent.Hooks;

/// <summary>A sample page in the agent's own memory, with a sample of now whenever it is read.</summary>
/// <param name="sources">What it reports, with its values.</param>
internal sealed class ToldPage(TimeProvider time, Func<IReadOnlyList<(ReportedSource Source, double Value)>> sources) : IPageSource
{
    private byte[] _page = [];

    public int Read(long offset, Span<byte> buffer)
    {
        if (offset == 0)
        {
            var now = sources();
            _page = PageWriter.Version2(
                (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds,
                [.. now.Select(s => s.Source)],
                [.. now.Select(s => s.Source.IsInteger ? (long)s.Value : BitConverter.DoubleToInt64Bits(s.Value))]);
        }
        var rest = _page.AsSpan((int)Math.Min(offset, _page.Length));
        rest = rest[..Math.Min(rest.Length, buffer.Length)];
        rest.CopyTo(buffer);
        return rest.Length;
    }
}
