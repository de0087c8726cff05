using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace CollectorAgent.Protocol;

/// <summary>Writes sample pages.</summary>
public static class PageWriter
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The metadata of a version 2 page. It holds no values, so it stays the same while the data sources do.</summary>
    public static byte[] Metadata(IReadOnlyList<ReportedSource> sources)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteStartObject("datasources");
            foreach (var source in sources)
            {
                json.WriteStartObject(source.Name);
                WriteKeys(json, source);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Bytes of a version 2 page.</summary>
    public static int PageLength(int count, int metadataLength) => PageFormat.MetadataStart(count) + metadataLength;

    /// <summary>Composes a whole version 2 page.</summary>
    /// <param name="page">Filled from its start; at least <see cref="PageLength"/> long.</param>
    /// <param name="timestamp">When the values were taken, in Unix seconds.</param>
    /// <param name="values">Integers, or the bits of doubles, in the order of the metadata.</param>
    /// <param name="metadata">What <see cref="Metadata"/> gave.</param>
    /// <param name="metadataChecksum">Its CRC-32.</param>
    public static void Write(Span<byte> page, double timestamp, ReadOnlySpan<long> values, ReadOnlySpan<byte> metadata, uint metadataChecksum)
    {
        PageFormat.Magic.CopyTo(page);
        BinaryPrimitives.WriteUInt32BigEndian(page[PageFormat.MetadataChecksumStart..], metadataChecksum);
        BinaryPrimitives.WriteInt32BigEndian(page[PageFormat.CountStart..], values.Length);
        BinaryPrimitives.WriteDoubleBigEndian(page[PageFormat.TimestampStart..], timestamp);
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(page[(PageFormat.ValuesStart + i * PageFormat.ValueBytes)..], values[i]);
        }
        int end = PageFormat.MetadataLengthStart(values.Length);
        BinaryPrimitives.WriteInt32BigEndian(page[end..], metadata.Length);
        metadata.CopyTo(page[PageFormat.MetadataStart(values.Length)..]);
        BinaryPrimitives.WriteUInt32BigEndian(page[PageFormat.DataChecksumStart..], Crc32.Compute(page[PageFormat.TimestampStart..end]));
    }

    /// <summary>Composes a whole version 2 page with its metadata.</summary>
    public static byte[] Version2(double timestamp, IReadOnlyList<ReportedSource> sources, ReadOnlySpan<long> values)
    {
        byte[] metadata = Metadata(sources);
        byte[] page = new byte[PageLength(sources.Count, metadata.Length)];
        Write(page, timestamp, values, metadata, Crc32.Compute(metadata));
        return page;
    }

    /// <summary>Composes a whole version 1 page.</summary>
    public static byte[] Version1(double timestamp, IReadOnlyList<ReportedSource> sources, ReadOnlySpan<long> values)
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(payload, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("timestamp", timestamp);
            json.WriteStartObject("datasources");
            for (int i = 0; i < sources.Count; i++)
            {
                json.WriteStartObject(sources[i].Name);
                WriteKeys(json, sources[i]);
                json.WriteString("value", sources[i].IsInteger
                    ? values[i].ToString(CultureInfo.InvariantCulture)
                    : Text(BitConverter.Int64BitsToDouble(values[i])));
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        string header = string.Create(
            CultureInfo.InvariantCulture,
            $"DATASOURCES\n{payload.WrittenCount:x8}\n{Encoding.ASCII.GetString(PageReader.Md5Text(payload.WrittenSpan))}\n");
        return [.. Encoding.ASCII.GetBytes(header), .. payload.WrittenSpan, PageFormat.LineFeed];
    }

    private static void WriteKeys(Utf8JsonWriter json, ReportedSource source)
    {
        if (source.Description.Length > 0)
        {
            json.WriteString("description", source.Description);
        }
        json.WriteString("owner", source.Owner.ToString());
        if (source.IsInverse)
        {
            json.WriteString("transform", "inverse");
        }
        json.WriteString("value_type", source.IsInteger ? "int64" : "float");
        json.WriteString("type", source.Type.ToString().ToLowerInvariant());
        json.WriteString("default", source.IsDefault ? "true" : "false");
        json.WriteString("units", source.Units);
        if (source.Incarnation.Length > 0)
        {
            json.WriteString("incarnation", source.Incarnation);
        }
        json.WriteString("min", Text(source.Min));
        json.WriteString("max", Text(source.Max));
    }

    private static string Text(double number) =>
        double.IsPositiveInfinity(number) ? "inf"
        : double.IsNegativeInfinity(number) ? "-inf"
        : double.IsNaN(number) ? "nan"
        : number.ToString("R", CultureInfo.InvariantCulture);
}
