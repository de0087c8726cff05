using CollectorAgent.Protocol;

namespace CollectorAgent.PluginHost.Tests;

/// <summary>What is in a page file now.</summary>
internal sealed class FilePage(string path) : IPageSource
{
    public int Read(long offset, Span<byte> buffer)
    {
        using var file = File.OpenHandle(path);
        return RandomAccess.Read(file, buffer, offset);
    }
}
