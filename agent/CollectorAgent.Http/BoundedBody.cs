using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>The document in the body of a request, unpacked, as long as it is not too long.</summary>
internal sealed class BoundedBody(Stream document, long maxBytes) : IncomingStream
{
    private long _read;

    /// <exception cref="BadHttpRequestException">It is too long, or is not what its head says.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = await ReadAsync(() => document.ReadAsync(buffer, cancellationToken));
        _read += count;
        return _read <= maxBytes ? count : throw new BadHttpRequestException(
            string.Create(CultureInfo.InvariantCulture, $"A document has at most {maxBytes} bytes."), StatusCodes.Status413PayloadTooLarge);
    }

    /// <summary>Reads, and tells what is wrong with a body from what is wrong with a disk.</summary>
    /// <exception cref="BadHttpRequestException">The body is not what its head says.</exception>
    internal static async ValueTask<T> ReadAsync<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read();
        }
        catch (IOException e) when (e is not (BadHttpRequestException or ConnectionResetException))
        {
            throw new BadHttpRequestException("The body of the request cannot be read: its chunks are malformed.", StatusCodes.Status400BadRequest, e);
        }
    }
}
