using CollectorAgent.Protocol;

namespace CollectorAgent.KilledRecorder;

/// <summary>A page in memory.</summary>
internal sealed class BytesPage : IPageSource
{
    public byte[] Bytes { get; set; } = [];

    public int Read(long offset, Span<byte> buffer)
    {
        int count = (int)Math.Clamp(Bytes.Length - offset, 0, buffer.Length);
        Bytes.AsSpan((int)Math.Min(offset, Bytes.Length), count).CopyTo(buffer);
        return count;
    }
}
