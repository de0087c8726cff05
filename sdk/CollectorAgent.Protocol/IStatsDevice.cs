namespace CollectorAgent.Protocol;

/// <summary>The disk, or the file in place of one, that a stats VDI lies on.</summary>
public interface IStatsDevice
{
    /// <summary>Its length in bytes.</summary>
    /// <exception cref="IOException">It cannot be found out.</exception>
    long Length { get; }

    /// <summary>Reads the bytes at a place, all that the buffer takes.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    void Read(long offset, Span<byte> buffer);

    /// <summary>Writes bytes to a place. They may reach the disk in any order until the next <see cref="Sync"/>, and in parts.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Waits until everything written is on the disk.</summary>
    /// <exception cref="IOException">Some of it may not be there.</exception>
    void Sync();
}
