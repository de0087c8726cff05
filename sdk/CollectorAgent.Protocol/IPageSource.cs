namespace CollectorAgent.Protocol;

/// <summary>Where the bytes of a sample page are copied from.</summary>
public interface IPageSource
{
    /// <summary>Copies bytes out of the page.</summary>
    /// <param name="offset">From the start of the page.</param>
    /// <param name="buffer">Filled from its start.</param>
    /// <returns>How many bytes there were: fewer than asked for only at the end of the page.</returns>
    /// <exception cref="IOException">The page cannot be read.</exception>
    int Read(long offset, Span<byte> buffer);
}
