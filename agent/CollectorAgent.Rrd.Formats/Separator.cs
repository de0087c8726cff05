namespace CollectorAgent.Rrd.Formats;

/// <summary>A few characters between two numbers, as one word.</summary>
internal readonly struct Separator
{
    public const int MaxBytes = sizeof(ulong);

    /// <param name="text">Up to <see cref="MaxBytes"/>.</param>
    public Separator(ReadOnlySpan<byte> text)
    {
        Length = text.Length;
        for (int i = 0; i < text.Length; i++)
        {
            Bytes |= (ulong)text[i] << (8 * i);
        }
    }

    /// <summary>The first in the lowest byte.</summary>
    public ulong Bytes { get; }

    public int Length { get; }
}
