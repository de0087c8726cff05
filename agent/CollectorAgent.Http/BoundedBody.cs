using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>The document in the body of a request, unpacked, as long as it is not too long.</summary>
internal sealed class BoundedBody(Stream document, long maxBytes) : Stream
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

    /// <exception cref="BadHttpRequestException">It is too long.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await document.ReadAsync(buffer, cancellationToken);
        _read += count;
        return _read <= maxBytes ? count : throw new BadHttpRequestException(
            string.Create(CultureInfo.InvariantCulture, $"A document has at most {maxBytes} bytes."), StatusCodes.Status413PayloadTooLarge);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>A client is waited for; nobody's thread is held meanwhile.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
