namespace CollectorAgent.Protocol;

/// <summary>The first byte of a value: what it is and how its length is told.</summary>
/// <remarks>The specification: https://github.com/msgpack/msgpack/blob/master/spec.md.</remarks>
internal readonly record struct MessagePackCode
{
    public const byte FixMap = 0x80;
    public const byte FixArray = 0x90;
    public const byte FixString = 0xa0;
    public const byte Nil = 0xc0;
    public const byte NeverUsed = 0xc1;
    public const byte False = 0xc2;
    public const byte True = 0xc3;
    public const byte Binary8 = 0xc4;
    public const byte Binary16 = 0xc5;
    public const byte Binary32 = 0xc6;
    public const byte Extension8 = 0xc7;
    public const byte Extension16 = 0xc8;
    public const byte Extension32 = 0xc9;
    public const byte Float32 = 0xca;
    public const byte Float64 = 0xcb;
    public const byte UInt8 = 0xcc;
    public const byte UInt16 = 0xcd;
    public const byte UInt32 = 0xce;
    public const byte UInt64 = 0xcf;
    public const byte Int8 = 0xd0;
    public const byte Int16 = 0xd1;
    public const byte Int32 = 0xd2;
    public const byte Int64 = 0xd3;
    public const byte FixExtension1 = 0xd4;
    public const byte FixExtension16 = 0xd8;
    public const byte String8 = 0xd9;
    public const byte String16 = 0xda;
    public const byte String32 = 0xdb;
    public const byte Array16 = 0xdc;
    public const byte Array32 = 0xdd;
    public const byte Map16 = 0xde;
    public const byte Map32 = 0xdf;
    public const byte NegativeFixInt = 0xe0;

    private const int ExtensionTypeBytes = 1;

    private MessagePackCode(MessagePackType type, int lengthBytes, uint length, int extraBytes = 0)
    {
        Type = type;
        LengthBytes = lengthBytes;
        Length = length;
        ExtraBytes = extraBytes;
    }

    public MessagePackType Type { get; }

    /// <summary>How many bytes after the first tell the length, most significant first; 0 where the first byte tells it.</summary>
    public int LengthBytes { get; }

    /// <summary>Where the first byte tells it: bytes that follow, items of an array, pairs of a map.</summary>
    public uint Length { get; }

    /// <summary>Bytes that follow besides those counted: the type of an extension.</summary>
    public int ExtraBytes { get; }

    /// <summary>Values in this one for each one that its length counts: 0 where it counts bytes.</summary>
    public int ValuesPerItem => Type switch { MessagePackType.Array => 1, MessagePackType.Map => 2, _ => 0 };

    /// <exception cref="MessagePackFormatException">No value begins so.</exception>
    public static MessagePackCode Of(byte first) => first switch
    {
        < FixMap or >= NegativeFixInt => new(MessagePackType.Integer, 0, 0),
        < FixArray => new(MessagePackType.Map, 0, first & 0x0fu),
        < FixString => new(MessagePackType.Array, 0, first & 0x0fu),
        < Nil => new(MessagePackType.String, 0, first & 0x1fu),
        Nil => new(MessagePackType.Nil, 0, 0),
        NeverUsed => throw new MessagePackFormatException("no value begins with c1"),
        False or True => new(MessagePackType.Boolean, 0, 0),
        <= Binary32 => new(MessagePackType.Binary, 1 << (first - Binary8), 0),
        <= Extension32 => new(MessagePackType.Extension, 1 << (first - Extension8), 0, ExtensionTypeBytes),
        <= Float64 => new(MessagePackType.Float, 0, 4u << (first - Float32)),
        <= UInt64 => new(MessagePackType.Integer, 0, 1u << (first - UInt8)),
        <= Int64 => new(MessagePackType.Integer, 0, 1u << (first - Int8)),
        <= FixExtension16 => new(MessagePackType.Extension, 0, 1u << (first - FixExtension1), ExtensionTypeBytes),
        <= String32 => new(MessagePackType.String, 1 << (first - String8), 0),
        <= Array32 => new(MessagePackType.Array, 2 << (first - Array16), 0),
        _ => new(MessagePackType.Map, 2 << (first - Map16), 0),
    };
}
