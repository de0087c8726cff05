using System.IO.Compression;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Archives as they lie on a disk.</summary>
internal static class FuzzedArchives
{
    public static byte[] Compressed(byte[] document)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
        {
            gzip.Write(document);
        }
        return stream.ToArray();
    }
}
