using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Reads one plugin's sample page again and again.</summary>
/// <remarks>
/// Copies first, then checks and decodes the copy: the writer may do anything to the page meanwhile. The version is told
/// by what the page holds. While the metadata checksum stays the same, a read decodes values only and allocates nothing.
/// Not safe for concurrent use.
/// </remarks>
public sealed class PageReader
{
    /// <summary>More data sources on one page are refused.</summary>
    public const int MaxSources = 32768;

    /// <summary>Longer metadata, or a longer version 1 payload, is refused.</summary>
    public const int MaxMetadataBytes = 16 << 20;

    // A page caught while it is written is looked at again at once.
    private const int Attempts = 3;

    private byte[] _buffer = new byte[PageFormat.MetadataStart(16)];
    private int _expectedLength = PageFormat.MetadataStart(16);
    private long[] _values = [];
    private ReportedSource[] _sources = [];
    private uint _dataChecksum;
    private uint _metadataChecksum;
    private byte[] _md5 = [];

    // Metadata found invalid need not be read again to be found so.
    private (uint Checksum, int Count, string Detail)? _invalidMetadata;

    /// <summary>The data sources of the last sample, in the order of <see cref="Values"/>. The same array while they are the same.</summary>
    public IReadOnlyList<ReportedSource> Sources => _sources;

    /// <summary>The values of the last sample: an integer, or the bits of a double.</summary>
    public ReadOnlySpan<long> Values => _values.AsSpan(0, _sources.Length);

    /// <summary>When the last sample was taken, in Unix seconds.</summary>
    public double Timestamp { get; private set; }

    /// <summary>Version of the page format the last sample was in; 0 before the first.</summary>
    public int Version { get; private set; }

    /// <summary>What was wrong at the last read, where the status alone does not say it.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>Looks at the page. Anything but <see cref="PageStatus.Ok"/> leaves the last sample as it was.</summary>
    public PageStatus Read(IPageSource page)
    {
        Detail = "";
        var status = PageStatus.Truncated;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                status = ReadOnce(page);
            }
            catch (IOException e)
            {
                Detail = e.Message;
                return PageStatus.ReadFailed;
            }
            if (status is not (PageStatus.InvalidChecksum or PageStatus.InvalidMetadataChecksum or PageStatus.Truncated))
            {
                return status;
            }
        }
        return status;
    }

    private PageStatus ReadOnce(IPageSource page)
    {
        int length = page.Read(0, _buffer.AsSpan(0, _expectedLength));
        var start = _buffer.AsSpan(0, length);
        if (length < PageFormat.ValuesStart)
        {
            return !PageFormat.Magic.StartsWith(start[..Math.Min(length, PageFormat.MagicBytes)]) ? PageStatus.InvalidHeader : PageStatus.Truncated;
        }
        if (!start.StartsWith(PageFormat.Magic))
        {
            return PageStatus.InvalidHeader;
        }
        return PageFormat.IsVersion1(start) ? ReadVersion1(page) : ReadVersion2(page, length);
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
            var status = ReadMetadata(page, count, metadataChecksum, out sources);
            if (status != PageStatus.Ok)
            {
                return status;
            }
        }
        Accept(2, timestamp, sources);
        for (int i = 0; i < count; i++)
        {
            _values[i] = BinaryPrimitives.ReadInt64BigEndian(_buffer.AsSpan(PageFormat.ValuesStart + i * PageFormat.ValueBytes));
        }
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
        var metadata = new byte[length];
        if (page.Read(PageFormat.MetadataStart(count), metadata) < length)
        {
            return PageStatus.Truncated;
        }
        if (Crc32.Compute(metadata) != checksum)
        {
            return PageStatus.InvalidMetadataChecksum;
        }
        // The C library counts the NUL that ends its text.
        if (MetadataReader.TryReadVersion2(metadata.AsSpan().Trim((byte)0), out sources, out string detail))
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

    private PageStatus ReadVersion1(IPageSource page)
    {
        if (!Utf8Parser.TryParse(_buffer.AsSpan(PageFormat.LengthStart, PageFormat.LengthDigits), out uint length, out _, 'x') || length > MaxMetadataBytes)
        {
            return PageStatus.MetadataTooLong;
        }
        byte[] copy = new byte[PageFormat.PayloadStart + length];
        if (page.Read(0, copy) < copy.Length)
        {
            return PageStatus.Truncated;
        }
        var md5 = copy.AsSpan(PageFormat.Md5Start, PageFormat.Md5Digits);
        if (Version == 1 && md5.SequenceEqual(_md5))
        {
            return PageStatus.Unchanged;
        }
        var payload = copy.AsSpan(PageFormat.PayloadStart);
        if (!copy.AsSpan().StartsWith(PageFormat.Magic) || !Md5Text(payload).AsSpan().SequenceEqual(md5))
        {
            return PageStatus.InvalidChecksum;
        }
        if (!MetadataReader.TryReadVersion1(payload, out var sources, out long[] values, out double timestamp, out string detail))
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
        // Version 1, and some writers of version 2, have the values beside the names: the text changes, the data sources do not.
        _sources = sources != _sources && sources.AsSpan().SequenceEqual(_sources) ? _sources : sources;
        if (_values.Length < sources.Length)
        {
            _values = new long[sources.Length];
        }
    }

    private void Expect(int length)
    {
        _expectedLength = length;
        if (_buffer.Length < length)
        {
            _buffer = new byte[length];
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
