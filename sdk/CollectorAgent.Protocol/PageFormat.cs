namespace CollectorAgent.Protocol;

/// <summary>Places and sizes in sample pages. See docs/formats/sample-page.md.</summary>
internal static class PageFormat
{
    // Version 2: fields are big-endian and follow each other without padding.
    public const int MagicBytes = 11;
    public const int DataChecksumStart = MagicBytes;
    public const int MetadataChecksumStart = DataChecksumStart + sizeof(uint);
    public const int CountStart = MetadataChecksumStart + sizeof(uint);
    public const int TimestampStart = CountStart + sizeof(int);
    public const int ValuesStart = TimestampStart + sizeof(double);
    public const int ValueBytes = sizeof(long);

    // Version 1: text; every field but the last ends with a line feed.
    public const int LengthStart = MagicBytes + 1;
    public const int LengthDigits = 8;
    public const int Md5Start = LengthStart + LengthDigits + 1;
    public const int Md5Digits = 32;
    public const int PayloadStart = Md5Start + Md5Digits + 1;

    // Version 3: big-endian without padding; the checksum is of all that follows it.
    public const int ChecksumStart3 = 12;
    public const int TimestampStart3 = ChecksumStart3 + sizeof(uint);
    public const int PayloadLengthStart3 = TimestampStart3 + sizeof(ulong);
    public const int PayloadStart3 = PayloadLengthStart3 + sizeof(uint);

    /// <summary>First byte of a payload in protobuf: tag of field 1, a message. No text begins with it, for it is a line feed.</summary>
    public const byte ProtobufMark = 0x0a;

    public const byte LineFeed = (byte)'\n';

    public static ReadOnlySpan<byte> Magic => "DATASOURCES"u8;

    public static ReadOnlySpan<byte> Magic3 => "OPENMETRICS1"u8;

    public static int MetadataLengthStart(int count) => ValuesStart + ValueBytes * count;

    public static int MetadataStart(int count) => MetadataLengthStart(count) + sizeof(int);

    /// <summary>Whether the line feed and the digits of version 1 are there. A version 2 page cannot have them: the last digit lies
    /// on the highest byte of its count, which would be far beyond <see cref="PageReader.MaxSources"/>.</summary>
    public static bool IsVersion1(ReadOnlySpan<byte> start)
    {
        if (start[MagicBytes] != LineFeed)
        {
            return false;
        }
        foreach (byte digit in start.Slice(LengthStart, LengthDigits))
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }
        }
        return true;
    }
}
