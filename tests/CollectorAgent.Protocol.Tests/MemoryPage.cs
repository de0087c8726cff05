namespace CollectorAgent.Protocol.Tests;

/// <summary>A page in memory. It can be changed between two reads, and before each one.</summary>
internal sealed class MemoryPage(byte[] content) : IPageSource
{
    public byte[] Content { get; set; } = content;

    /// <summary>Called before a read with its number, counted from 0.</summary>
    public Action<int>? BeforeRead { get; init; }

    public int Reads { get; private set; }

    public int Read(long offset, Span<byte> buffer)
    {
        BeforeRead?.Invoke(Reads);
        Reads++;
        if (offset >= Content.Length)
        {
            return 0;
        }
        var rest = Content.AsSpan((int)offset);
        rest = rest[..Math.Min(rest.Length, buffer.Length)];
        rest.CopyTo(buffer);
        return rest.Length;
    }
}
