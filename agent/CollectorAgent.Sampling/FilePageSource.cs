using CollectorAgent.Protocol;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Sampling;

/// <summary>Reads a page by position: the writer can truncate the file at any moment without harm.</summary>
/// <param name="maxBytes">What lies further back is not read.</param>
public sealed class FilePageSource(SafeFileHandle file, int maxBytes) : IPageSource, IDisposable
{
    public int Read(long offset, Span<byte> buffer)
    {
        if (offset + buffer.Length > maxBytes && RandomAccess.GetLength(file) > maxBytes)
        {
            throw new IOException($"the page is longer than its limit of {maxBytes} bytes");
        }
        int total = 0;
        while (total < buffer.Length)
        {
            int count = RandomAccess.Read(file, buffer[total..], offset + total);
            if (count == 0)
            {
                break;
            }
            total += count;
        }
        return total;
    }

    public void Dispose() => file.Dispose();
}
