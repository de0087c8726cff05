namespace CollectorAgent.Http;

/// <summary>An RRD on a connection that stays open behind it: ends where the root element does, which is the one of that name.</summary>
internal sealed class DocumentStream(Stream connection) : IncomingStream
{
    // How much of it has just been read.
    private int _matched;

    private static ReadOnlySpan<byte> End => "</rrd>"u8;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_matched == End.Length)
        {
            return 0;
        }
        int count = await connection.ReadAsync(buffer, cancellationToken);
        for (int i = 0; i < count; i++)
        {
            byte next = buffer.Span[i];
            // Only its first byte can begin it anew.
            _matched = next == End[_matched] ? _matched + 1 : next == End[0] ? 1 : 0;
            if (_matched == End.Length)
            {
                return i + 1;
            }
        }
        return count;
    }
}
