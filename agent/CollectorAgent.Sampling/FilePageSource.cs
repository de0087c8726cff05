using CollectorAgent.Protocol;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Sampling;

/// <summary>Reads a page by position: the writer can truncate the file at any moment without harm.</summary>
public sealed class FilePageSource(SafeFileHandle file) : IPageSource, IDisposable
{
    public int Read(long offset, Span<byte> buffer)
    {
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
