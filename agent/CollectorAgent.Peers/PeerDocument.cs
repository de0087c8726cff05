using System.Globalization;

namespace CollectorAgent.Peers;

/// <summary>A document on its way from a peer. It ends the exchange when it is disposed of.</summary>
/// <param name="maxBytes">More is not taken.</param>
internal sealed class PeerDocument(PeerExchange exchange, HttpResponseMessage response, Stream body, long maxBytes, TimeSpan progressWithin) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        exchange.Deadline.Expect("more of the document", progressWithin);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(exchange.Deadline.Token, cancellationToken);
        int count = await exchange.TellAsync(() => body.ReadAsync(buffer, end.Token).AsTask());
        _read += count;
        return _read <= maxBytes ? count
            : throw exchange.Failed(string.Create(CultureInfo.InvariantCulture, $"sends a document of more than {maxBytes} bytes"));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>A peer is waited for; nobody's thread is held meanwhile.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
            exchange.Dispose();
        }
        base.Dispose(disposing);
    }
}
