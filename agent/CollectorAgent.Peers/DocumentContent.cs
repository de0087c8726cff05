using System.Globalization;
using System.Net;

namespace CollectorAgent.Peers;

/// <summary>A document on its way to the peer, of a length that is told beforehand.</summary>
/// <param name="progressed">Called when a portion was taken.</param>
internal sealed class DocumentContent(Stream document, long length, Action progressed) : HttpContent
{
    private const int PortionBytes = 16 << 10;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        progressed();
        byte[] portion = new byte[PortionBytes];
        for (long sent = 0; sent < length;)
        {
            int count = await document.ReadAsync(portion.AsMemory(0, (int)Math.Min(PortionBytes, length - sent)), cancellationToken);
            if (count == 0)
            {
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"was promised {length} bytes, and the document has {sent}"));
            }
            await stream.WriteAsync(portion.AsMemory(0, count), cancellationToken);
            sent += count;
            progressed();
        }
    }

    protected override bool TryComputeLength(out long contentLength)
    {
        contentLength = length;
        return true;
    }
}
