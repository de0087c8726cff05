using System.Buffers;
using System.Buffers.Binary;

namespace CollectorAgent.Protocol;

/// <content>Version 3: OpenMetrics in the page.</content>
public sealed partial class PageReader
{
    // The header's time stamp lies before the length; both are checked together with the payload, so they are put before it again.
    private const int CheckedBeforePayload = PageFormat.PayloadStart3 - PageFormat.TimestampStart3;

    private OpenMetricsReader? _metrics;

    // A payload found broken need not be read again to be found so.
    private (uint Checksum, string Detail)? _brokenPayload;

    private PageStatus ReadVersion3(IPageSource page, int length)
    {
        if (length < PageFormat.PayloadStart3)
        {
            return PageStatus.Truncated;
        }
        var header = _buffer.AsSpan(0, PageFormat.PayloadStart3);
        uint checksum = BinaryPrimitives.ReadUInt32BigEndian(header[PageFormat.ChecksumStart3..]);
        ulong timestamp = BinaryPrimitives.ReadUInt64BigEndian(header[PageFormat.TimestampStart3..]);
        uint payloadLength = BinaryPrimitives.ReadUInt32BigEndian(header[PageFormat.PayloadLengthStart3..]);
        if (payloadLength > MaxMetadataBytes)
        {
            return PageStatus.MetadataTooLong;
        }
        if (Version == 3 && (checksum == _dataChecksum || timestamp == Timestamp))
        {
            return PageStatus.Unchanged;
        }
        if (_brokenPayload is { } known && known.Checksum == checksum)
        {
            Detail = known.Detail;
            return PageStatus.InvalidMetadata;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CheckedBeforePayload + (int)payloadLength);
        try
        {
            header[PageFormat.TimestampStart3..].CopyTo(buffer);
            return ReadPayload3(page, checksum, timestamp, buffer.AsSpan(0, CheckedBeforePayload + (int)payloadLength));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <param name="checkedBytes">Time stamp and length; room for the payload behind them.</param>
    private PageStatus ReadPayload3(IPageSource page, uint checksum, ulong timestamp, Span<byte> checkedBytes)
    {
        var payload = checkedBytes[CheckedBeforePayload..];
        if (page.Read(PageFormat.PayloadStart3, payload) < payload.Length)
        {
            return PageStatus.Truncated;
        }
        if (Crc32.Compute(checkedBytes) != checksum)
        {
            return PageStatus.InvalidChecksum;
        }
        if (!IsTime(timestamp))
        {
            return PageStatus.InvalidTimestamp;
        }
        _metrics ??= new OpenMetricsReader();
        bool isProtobuf = payload.IsEmpty || payload[0] == PageFormat.ProtobufMark;
        if (!(isProtobuf ? _metrics.TryReadProtobuf(payload) : _metrics.TryReadText(payload)))
        {
            Detail = _metrics.Detail;
            _brokenPayload = (checksum, Detail);
            return PageStatus.InvalidMetadata;
        }
        Accept(3, timestamp, _metrics.SourceArray);
        _metrics.Values.CopyTo(_values);
        _dataChecksum = checksum;
        return PageStatus.Ok;
    }
}
