using System.Buffers.Binary;
using System.Text;
using CollectorAgent.Rrd;

namespace CollectorAgent.Store;

/// <summary>One of the copies of a file's header: whose file it is, and where its directory lies. See docs/formats/store.md.</summary>
internal sealed record FileHeader
{
    /// <summary>Bytes of a copy: no more than a disk writes whole.</summary>
    public const int Bytes = 512;

    /// <summary>A page full: the newest, one on the way to the disk, one that is written, and some of which one is on disk.</summary>
    public const int Copies = FileSpace.PageBytes / Bytes;

    public const uint CurrentVersion = 1;

    private const int ChecksumStart = 8;
    private const int VersionStart = 16;
    private const int FlagsStart = 20;
    private const int SequenceStart = 24;
    private const int DirectoryStart = 32;
    private const int DirectoryLengthStart = 40;
    private const int DirectoryChecksumStart = 48;
    private const int BootStart = 56;
    private const int OwnerKindStart = 72;
    private const int UuidLengthStart = 76;
    private const int UuidStart = 80;
    private const int DirectoryCopyStart = Bytes - sizeof(long);
    private const uint ConfirmedFlag = 1;

    private static readonly byte[] Magic = "CA-RRD\r\n"u8.ToArray();

    /// <summary>Of one that is not <see cref="CurrentVersion"/> nothing else is known.</summary>
    public uint Version { get; init; } = CurrentVersion;

    /// <summary>Grows with each change of the directory.</summary>
    public long Sequence { get; init; }

    /// <summary>What the directory names was on disk before this copy was written.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>A multiple of eight bytes.</summary>
    public Extent Directory { get; init; }

    public uint DirectoryChecksum { get; init; }

    /// <summary>Where the same bytes begin a second time; 0 where they do not.</summary>
    public long DirectoryCopy { get; init; }

    /// <summary>Which run of the machine wrote it: within one, what was written is there even where it is not on disk.</summary>
    public Guid Boot { get; init; }

    public RrdOwner Owner { get; init; }

    /// <summary>Whether any copy in a header page says that it is one, whole or not.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> page)
    {
        for (int copy = 0; copy < Copies; copy++)
        {
            if (page.Slice(copy * Bytes).StartsWith(Magic))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Reads one copy; null where it is not whole.</summary>
    public static FileHeader? Read(ReadOnlySpan<byte> copy)
    {
        if (!copy.StartsWith(Magic) || BinaryPrimitives.ReadUInt64LittleEndian(copy[ChecksumStart..]) != Checksum.Of(copy[VersionStart..Bytes]))
        {
            return null;
        }
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(copy[VersionStart..]);
        if (version != CurrentVersion)
        {
            return new FileHeader { Version = version };
        }
        uint uuidLength = BinaryPrimitives.ReadUInt32LittleEndian(copy[UuidLengthStart..]);
        var kind = (RrdOwnerKind)BinaryPrimitives.ReadUInt32LittleEndian(copy[OwnerKindStart..]);
        if (uuidLength > DirectoryCopyStart - UuidStart || !Enum.IsDefined(kind))
        {
            return null;
        }
        return new FileHeader
        {
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(copy[SequenceStart..]),
            IsConfirmed = (BinaryPrimitives.ReadUInt32LittleEndian(copy[FlagsStart..]) & ConfirmedFlag) != 0,
            Directory = new Extent(
                BinaryPrimitives.ReadInt64LittleEndian(copy[DirectoryStart..]), BinaryPrimitives.ReadInt64LittleEndian(copy[DirectoryLengthStart..])),
            DirectoryChecksum = (uint)BinaryPrimitives.ReadUInt64LittleEndian(copy[DirectoryChecksumStart..]),
            DirectoryCopy = BinaryPrimitives.ReadInt64LittleEndian(copy[DirectoryCopyStart..]),
            Boot = new Guid(copy.Slice(BootStart, 16)),
            Owner = new RrdOwner(kind, Encoding.UTF8.GetString(copy.Slice(UuidStart, (int)uuidLength))),
        };
    }

    /// <exception cref="IOException">The uuid is too long for a header.</exception>
    public void Write(Span<byte> copy)
    {
        copy[..Bytes].Clear();
        Magic.CopyTo(copy);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[VersionStart..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[FlagsStart..], IsConfirmed ? ConfirmedFlag : 0);
        BinaryPrimitives.WriteInt64LittleEndian(copy[SequenceStart..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(copy[DirectoryStart..], Directory.Start);
        BinaryPrimitives.WriteInt64LittleEndian(copy[DirectoryLengthStart..], Directory.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(copy[DirectoryChecksumStart..], DirectoryChecksum);
        Boot.TryWriteBytes(copy[BootStart..]);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[OwnerKindStart..], (uint)Owner.Kind);
        if (!Encoding.UTF8.TryGetBytes(Owner.Uuid, copy[UuidStart..DirectoryCopyStart], out int length))
        {
            throw new IOException($"the uuid {Owner.Uuid} is too long to be kept");
        }
        BinaryPrimitives.WriteInt32LittleEndian(copy[UuidLengthStart..], length);
        BinaryPrimitives.WriteInt64LittleEndian(copy[DirectoryCopyStart..], DirectoryCopy);
        BinaryPrimitives.WriteUInt64LittleEndian(copy[ChecksumStart..], Checksum.Of(copy[VersionStart..Bytes]));
    }
}
