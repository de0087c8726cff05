using System.Runtime.InteropServices;

namespace CollectorAgent.Benchmarks;

/// <summary>The checksum of the C library that everybody has.</summary>
internal static unsafe partial class Zlib
{
    private const string Library = "libz.so.1";

    public static bool IsMissing => !NativeLibrary.TryLoad(Library, out _);

    public static uint Crc32(ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            return (uint)crc32(0, start, (uint)data.Length);
        }
    }

    [LibraryImport(Library)]
    private static partial nuint crc32(nuint crc, byte* data, uint length);
}
