using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Sample pages put together field by field, without the product's writer.</summary>
internal static class Pages
{
    public const double Time = 1_700_000_000.25;

    /// <summary>A page of version 2 whose checksums are right.</summary>
    public static byte[] Version2(string metadata, params long[] values) => Version2(BitConverter.DoubleToInt64Bits(Time), Bytes(metadata), values);

    /// <inheritdoc cref="Version2(string, long[])"/>
    public static byte[] Version2(double timestamp, string metadata, params long[] values) =>
        Version2(BitConverter.DoubleToInt64Bits(timestamp), Bytes(metadata), values);

    /// <inheritdoc cref="Version2(string, long[])"/>
    public static byte[] Version2(long timestampField, byte[] metadata, params long[] values)
    {
        byte[] data = [.. BigEndian(timestampField), .. values.SelectMany(BigEndian)];
        return
        [
            .. "DATASOURCES"u8, .. BigEndian(Checksum(data)), .. BigEndian(Checksum(metadata)), .. BigEndian((uint)values.Length),
            .. data, .. BigEndian((uint)metadata.Length), .. metadata,
        ];
    }

    /// <summary>A page of version 1 whose digest is right.</summary>
    public static byte[] Version1(string payload)
    {
        byte[] bytes = Bytes(payload);
#pragma warning disable CA5351 // The page format prescribes MD5.
        string digest = Convert.ToHexStringLower(MD5.HashData(bytes));
#pragma warning restore CA5351
        return Bytes(string.Create(CultureInfo.InvariantCulture, $"DATASOURCES\n{bytes.Length:x8}\n{digest}\n{payload}\n"));
    }

    /// <summary>A page of version 3 whose checksum is right.</summary>
    public static byte[] Version3(long timestamp, byte[] payload)
    {
        byte[] data = [.. BigEndian(timestamp), .. BigEndian((uint)payload.Length), .. payload];
        return [.. "OPENMETRICS1"u8, .. BigEndian(Checksum(data)), .. data];
    }

    /// <inheritdoc cref="Version3(long, byte[])"/>
    public static byte[] Version3(long timestamp, string payload) => Version3(timestamp, Bytes(payload));

    /// <summary>The metadata of data sources, each given as a name and the keys in its braces.</summary>
    public static string Metadata(params (string Name, string Keys)[] sources) =>
        "{\"datasources\":{" + string.Join(',', sources.Select(s => $"\"{s.Name}\":{{{s.Keys}}}")) + "}}";

    public static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static byte[] BigEndian(uint number)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        return bytes;
    }

    public static byte[] BigEndian(long number)
    {
        byte[] bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    /// <summary>CRC-32 by its definition, one bit at a time.</summary>
    public static uint Checksum(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in data)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }
        return ~crc;
    }
}
