using System.Globalization;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Hands XML on as long as there is a tag now and then: a reader keeps names and attributes whole, whatever their length.</summary>
internal sealed class TagBound(Stream xml) : Stream
{
    private const int MaxBytesWithoutTag = 64 << 10;

    private int _without;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="FormatException">There was no tag for too long.</exception>
    public override int Read(Span<byte> buffer)
    {
        // What is inside of one portion is not looked at, so a portion is no longer than what may be without a tag.
        int count = xml.Read(buffer.Length > MaxBytesWithoutTag ? buffer[..MaxBytesWithoutTag] : buffer);
        // In a tag or an attribute this character cannot stand.
        int last = buffer[..count].LastIndexOf((byte)'<');
        _without = last < 0 ? _without + count : count - last;
        return _without <= MaxBytesWithoutTag ? count
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"more than {MaxBytesWithoutTag} bytes without a tag"));
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
