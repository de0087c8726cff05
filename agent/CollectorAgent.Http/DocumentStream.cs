namespace CollectorAgent.Http;

/// <summary>An RRD in a stream that goes on behind it: ends where the root element does, which is the one of that name.</summary>
internal sealed class DocumentStream(Stream connection) : Stream
{
    // How much of it has just been read.
    private int _matched;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <exception cref="NotSupportedException">Always: a client is waited for.</exception>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
