using CollectorAgent.Protocol;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.TestKit;

/// <summary>A sample page on disk, as the agent would read it.</summary>
public sealed class PageFile(string path) : IPageSource, IDisposable
{
    private readonly SafeFileHandle _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    public int Read(long offset, Span<byte> buffer) => RandomAccess.Read(_file, buffer, offset);

    public void Dispose() => _file.Dispose();
}
