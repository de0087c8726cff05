using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Reads one plugin's sample page again and again.</summary>
/// <remarks>
/// Copies first, then checks and decodes the copy: the writer may do anything to the page meanwhile. The version is told
/// by what the page holds. While the metadata checksum stays the same, or the families of version 3, a read allocates nothing.
/// Not safe for concurrent use.
/// </remarks>
public sealed partial class PageReader
{
    /// <summary>More data sources on one page are refused.</summary>
    public const int MaxSources = 32768;

    /// <summary>Longer metadata, or a longer payload of version 1 or 3, is refused.</summary>
    public const int MaxMetadataBytes = 16 << 20;

    // A page caught while it is written is looked at again at once.
    private const int Attempts = 3;

    private int _expectedLength = PageFormat.MetadataStart(16);

    // The copy of a page, while it is read: between two reads one buffer does for the pages of all plugins.
    private byte[] _buffer = [];
    private long[] _values = [];
    private ReportedSource[] _sources = [];
    private uint _dataChecksum;
    private uint _metadataChecksum;
    private byte[] _md5 = [];

    private bool _readsMetadata;

    // Metadata found invalid need not be read again to be found so.
    private (uint Checksum, int Count, string Detail)? _invalidMetadata;

    /// <summary>The data sources of the last sample, in the order of <see cref="Values"/>. The same array while they are the same.</summary>
    public IReadOnlyList<ReportedSource> Sources => _sources;

    /// <summary>The values of the last sample: an integer, or the bits of a double.</summary>
    public ReadOnlySpan<long> Values => _values;

    /// <summary>When the last sample was taken, in Unix seconds.</summary>
    public double Timestamp { get; private set; }

    /// <summary>Version of the page format the last sample was in; 0 before the first.</summary>
    public int Version { get; private set; }

    /// <summary>What the page of the last sample had that no data source was made of, each with the reason; see
    /// <see cref="OpenMetricsReader.LeftOut"/>. Only version 3 leaves anything out. The same list while it is the same.</summary>
    public IReadOnlyList<string> LeftOut => _metrics?.LeftOut ?? [];

    /// <summary>What was wrong at the last read, where the status alone does not say it.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>Whether the last read has found metadata that it was not to read.</summary>
    public bool IsMetadataUnread { get; private set; }

    /// <summary>Looks at the page. Anything but <see cref="PageStatus.Ok"/> leaves the last sample as it was.</summary>
    /// <param name="page">Where it lies.</param>
    /// <param name="readsMetadata">Whether metadata of version 2 that has changed is read, which takes its time; else such a page counts as
    /// unchanged, see <see cref="IsMetadataUnread"/>. Other versions are read in any case.</param>
    public PageStatus Read(IPageSource page, bool readsMetadata = true)
    {
        Detail = "";
        IsMetadataUnread = false;
        _readsMetadata = readsMetadata;
        _buffer = ArrayPool<byte>.Shared.Rent(_expectedLength);
        try
        {
            var status = PageStatus.Truncated;
            for (int attempt = 0; attempt < Attempts && MayBeTorn(status); attempt++)
            {
                status = ReadOnce(page);
            }
            return status;
        }
        catch (IOException e)
        {
            Detail = e.Message;
            return PageStatus.ReadFailed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private static bool MayBeTorn(PageStatus status) =>
        status is PageStatus.InvalidChecksum or PageStatus.InvalidMetadataChecksum or PageStatus.Truncated;

    private PageStatus ReadOnce(IPageSource page)
    {
        int length = page.Read(0, _buffer.AsSpan(0, _expectedLength));
        var start = _buffer.AsSpan(0, length);
        if (start.StartsWith(PageFormat.Magic3))
        {
            return ReadVersion3(page, length);
        }
        if (length < PageFormat.ValuesStart)
        {
            bool mayBecomeOne = PageFormat.Magic.StartsWith(start[..Math.Min(length, PageFormat.MagicBytes)]) || PageFormat.Magic3.StartsWith(start);
            return mayBecomeOne ? PageStatus.Truncated : PageStatus.InvalidHeader;
        }
        if (!start.StartsWith(PageFormat.Magic))
        {
            return PageStatus.InvalidHeader;
        }
        return PageFormat.IsVersion1(start) ? ReadVersion1(page, length) : ReadVersion2(page, length);
    }

    private PageStatus ReadVersion2(IPageSource page, int length)
    {
        int count = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(PageFormat.CountStart));
        if (count is < 0 or > MaxSources)
        {
            return PageStatus.TooManySources;
        }
        int needed = PageFormat.MetadataStart(count);
        if (length < needed)
        {
            // The header tells more than was expected: copy it together with its values once more.
            Expect(needed);
            length = page.Read(0, _buffer.AsSpan(0, needed));
            if (length < needed)
            {
                return PageStatus.Truncated;
            }
            if (!_buffer.AsSpan().StartsWith(PageFormat.Magic)
                || BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(PageFormat.CountStart)) != count)
            {
                return PageStatus.InvalidChecksum;
            }
        }

        var copy = _buffer.AsSpan(0, needed);
        uint dataChecksum = BinaryPrimitives.ReadUInt32BigEndian(copy[PageFormat.DataChecksumStart..]);
        uint metadataChecksum = BinaryPrimitives.ReadUInt32BigEndian(copy[PageFormat.MetadataChecksumStart..]);
        if (Version == 2 && dataChecksum == _dataChecksum && metadataChecksum == _metadataChecksum)
        {
            return PageStatus.Unchanged;
        }
        if (Crc32.Compute(copy[PageFormat.TimestampStart..PageFormat.MetadataLengthStart(count)]) != dataChecksum)
        {
            return PageStatus.InvalidChecksum;
        }
        if (!TryReadTimestamp(copy[PageFormat.TimestampStart..], out double timestamp))
        {
            return PageStatus.InvalidTimestamp;
        }

        var sources = _sources;
        if (Version != 2 || metadataChecksum != _metadataChecksum || count != _sources.Length)
        {
            if (!_readsMetadata)
            {
                IsMetadataUnread = true;
                return PageStatus.Unchanged;
            }
            var status = ReadMetadata(page, count, metadataChecksum, out sources);
            if (status != PageStatus.Ok)
            {
                return status;
            }
        }
        Accept(2, timestamp, sources);
        TakeValues();
        _dataChecksum = dataChecksum;
        _metadataChecksum = metadataChecksum;
        return PageStatus.Ok;
    }

    private PageStatus ReadMetadata(IPageSource page, int count, uint checksum, out ReportedSource[] sources)
    {
        sources = [];
        if (_invalidMetadata is { } known && known.Checksum == checksum && known.Count == count)
        {
            Detail = known.Detail;
            return PageStatus.InvalidMetadata;
        }
        int length = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(PageFormat.MetadataLengthStart(count)));
        if (length is < 0 or > MaxMetadataBytes)
        {
            return PageStatus.MetadataTooLong;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return ReadMetadata(page, count, checksum, buffer.AsSpan(0, length), out sources);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private PageStatus ReadMetadata(IPageSource page, int count, uint checksum, Span<byte> metadata, out ReportedSource[] sources)
    {
        sources = [];
        if (page.Read(PageFormat.MetadataStart(count), metadata) < metadata.Length)
        {
            return PageStatus.Truncated;
        }
        if (Crc32.Compute(metadata) != checksum)
        {
            return PageStatus.InvalidMetadataChecksum;
        }
        // The C library counts the NUL that ends its text.
        if (MetadataReader.TryReadVersion2(metadata.Trim((byte)0), _sources, out sources, out string detail))
        {
            if (sources.Length == count)
            {
                return PageStatus.Ok;
            }
            detail = string.Create(CultureInfo.InvariantCulture, $"{sources.Length} data sources in the metadata, {count} values on the page");
        }
        Detail = detail;
        _invalidMetadata = (checksum, count, detail);
        return PageStatus.InvalidMetadata;
    }

    private PageStatus ReadVersion1(IPageSource page, int length)
    {
        var header = _buffer.AsSpan(0, Math.Min(length, PageFormat.PayloadStart));
        if (!Utf8Parser.TryParse(header.Slice(PageFormat.LengthStart, PageFormat.LengthDigits), out uint payloadLength, out _, 'x')
            || payloadLength > MaxMetadataBytes)
        {
            return PageStatus.MetadataTooLong;
        }
        if (header.Length < PageFormat.PayloadStart)
        {
            return PageStatus.Truncated;
        }
        var md5 = header.Slice(PageFormat.Md5Start, PageFormat.Md5Digits);
        if (Version == 1 && md5.SequenceEqual(_md5))
        {
            return PageStatus.Unchanged;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)payloadLength);
        try
        {
            return ReadPayload(page, md5, buffer.AsSpan(0, (int)payloadLength));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private PageStatus ReadPayload(IPageSource page, ReadOnlySpan<byte> md5, Span<byte> payload)
    {
        if (page.Read(PageFormat.PayloadStart, payload) < payload.Length)
        {
            return PageStatus.Truncated;
        }
        if (!Md5Text(payload).AsSpan().SequenceEqual(md5))
        {
            return PageStatus.InvalidChecksum;
        }
        if (!MetadataReader.TryReadVersion1(payload, _sources, out var sources, out long[] values, out double timestamp, out string detail))
        {
            Detail = detail;
            return PageStatus.InvalidMetadata;
        }
        if (!IsTime(timestamp))
        {
            return PageStatus.InvalidTimestamp;
        }
        Accept(1, timestamp, sources);
        values.CopyTo(_values, 0);
        _md5 = md5.ToArray();
        return PageStatus.Ok;
    }

    private void Accept(int version, double timestamp, ReportedSource[] sources)
    {
        Version = version;
        Timestamp = timestamp;
        if (version != 3)
        {
            _metrics = null;
        }
        // Version 1, and some writers of version 2, have the values beside the names: the text changes, the data sources do not.
        _sources = sources != _sources && sources.AsSpan().SequenceEqual(_sources) ? _sources : sources;
        if (_values.Length != sources.Length)
        {
            _values = new long[sources.Length];
        }
    }

    /// <summary>Takes the values from a copy of a version 2 page.</summary>
    private void TakeValues()
    {
        var values = MemoryMarshal.Cast<byte, long>(_buffer.AsSpan(PageFormat.ValuesStart, _values.Length * PageFormat.ValueBytes));
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(values, _values);
        }
        else
        {
            values.CopyTo(_values);
        }
    }

    private void Expect(int length)
    {
        _expectedLength = length;
        if (_buffer.Length < length)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(length);
        }
    }

    /// <summary>The MD5 digest as version 1 has it: lower-case digits.</summary>
    internal static byte[] Md5Text(ReadOnlySpan<byte> payload)
    {
#pragma warning disable CA5351 // The page format prescribes MD5; it guards against torn pages, not against forgery.
        return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(MD5.HashData(payload)));
#pragma warning restore CA5351
    }

    /// <summary>Reads a double, or the int64 that plugins from before October 2024 wrote: as a double that is far below one second.</summary>
    private static bool TryReadTimestamp(ReadOnlySpan<byte> field, out double timestamp)
    {
        timestamp = BinaryPrimitives.ReadDoubleBigEndian(field);
        if (timestamp is > 0 and < 1)
        {
            timestamp = BinaryPrimitives.ReadInt64BigEndian(field);
        }
        return IsTime(timestamp);
    }

    private static bool IsTime(double timestamp) => timestamp >= 1 && timestamp <= long.MaxValue / 1000;
}
