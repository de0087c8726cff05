using CollectorAgent.Protocol;

namespace CollectorAgent.Sampling.Tests;

/// <summary>A page whose bytes a test sets.</summary>
internal sealed class MemoryPage : IPageSource
{
    public byte[] Bytes { get; set; } = [];

    public int Read(long offset, Span<byte> buffer)
    {
        int count = (int)Math.Clamp(Bytes.Length - offset, 0, buffer.Length);
        Bytes.AsSpan((int)Math.Min(offset, Bytes.Length), count).CopyTo(buffer);
        return count;
    }
}
