using System.Buffers.Binary;
using System.IO.Compression;

namespace CollectorAgent.Protocol;

/// <summary>Whether bytes are one whole gzip stream (RFC 1952), found out by unpacking it.</summary>
/// <remarks>.NET takes a stream that breaks off for one that ends there, and does not say where a stream ended. So what was unpacked is held
/// against the checksum and the length in the last eight bytes: those of a stream that is cut short, or that other bytes follow, differ.</remarks>
internal static class GzipCheck
{
    /// <summary>The archive of 1,000 data sources unpacks to some 26 MB. A stream that unpacks to more than this is not unpacked to its end.</summary>
    public const long MaxUnpackedBytes = 256 << 20;

    private const int TrailerBytes = 8;
    private const int BufferBytes = 64 << 10;

    /// <param name="unpackedBytes">How much there is in it.</param>
    /// <returns>Null if it is one, else what is wrong.</returns>
    public static string? Whole(ReadOnlyMemory<byte> bytes, out long unpackedBytes)
    {
        string? trouble = Unpack(bytes, out unpackedBytes, out ulong trailer);
        return trouble ?? (bytes.Length >= TrailerBytes && BinaryPrimitives.ReadUInt64BigEndian(bytes.Span[^TrailerBytes..]) == trailer
            ? null
            : "it is cut short, or more follows its end");
    }

    /// <summary>Looks for a whole stream at the start of longer bytes.</summary>
    /// <param name="length">How long the stream is.</param>
    /// <inheritdoc cref="Whole"/>
    public static string? AtStart(ReadOnlyMemory<byte> bytes, out int length, out long unpackedBytes)
    {
        length = 0;
        if (Unpack(bytes, out unpackedBytes, out ulong trailer) is { } trouble)
        {
            return trouble;
        }
        Span<byte> end = stackalloc byte[TrailerBytes];
        BinaryPrimitives.WriteUInt64BigEndian(end, trailer);
        int place = bytes.Span.IndexOf(end);
        length = place + TrailerBytes;
        return place < 0 ? "it is cut short" : null;
    }

    /// <param name="trailer">The last eight bytes that such a stream has.</param>
    private static string? Unpack(ReadOnlyMemory<byte> bytes, out long unpackedBytes, out ulong trailer)
    {
        unpackedBytes = 0;
        trailer = 0;
        if (!bytes.Span.StartsWith(StatsFrame.GzipMagic))
        {
            return "it does not begin as gzip does";
        }
        uint checksum = 0;
        byte[] buffer = new byte[BufferBytes];
        try
        {
            using var stream = new GZipStream(new MemoryStream(bytes.ToArray(), writable: false), CompressionMode.Decompress);
            int read;
            while ((read = stream.Read(buffer)) > 0)
            {
                checksum = Crc32.Append(checksum, buffer.AsSpan(0, read));
                unpackedBytes += read;
                if (unpackedBytes > MaxUnpackedBytes)
                {
                    return FormattableString.Invariant($"there is more than {MaxUnpackedBytes} bytes in it");
                }
            }
        }
        catch (InvalidDataException)
        {
            return "it is damaged";
        }
        trailer = ((ulong)BinaryPrimitives.ReverseEndianness(checksum) << 32) | BinaryPrimitives.ReverseEndianness((uint)unpackedBytes);
        return unpackedBytes == 0 ? "there is nothing in it" : null;
    }
}
