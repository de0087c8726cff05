using System.Buffers.Binary;
using CollectorAgent.Rrd;

namespace CollectorAgent.Store.Tests;

/// <summary>The header of a file as docs/formats/store.md describes it.</summary>
internal static class FileHeaderBytes
{
    public const int Copies = 8;

    private const int Bytes = 512;

    /// <summary>Makes a copy that is whole one of another version.</summary>
    public static void SetVersion(byte[] file, int copy, uint version)
    {
        var bytes = file.AsSpan(copy * Bytes, Bytes);
        if (bytes[0] != 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[16..], version);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Checksum.Of(bytes[16..]));
        }
    }
}
