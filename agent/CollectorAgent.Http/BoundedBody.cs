using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>The document in the body of a request, unpacked, as long as it is not too long.</summary>
internal sealed class BoundedBody(Stream document, long maxBytes) : IncomingStream
{
    private long _read;

    /// <exception cref="BadHttpRequestException">It is too long.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await document.ReadAsync(buffer, cancellationToken);
        _read += count;
        return _read <= maxBytes ? count : throw new BadHttpRequestException(
            string.Create(CultureInfo.InvariantCulture, $"A document has at most {maxBytes} bytes."), StatusCodes.Status413PayloadTooLarge);
    }
}
