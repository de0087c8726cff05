using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CollectorAgent.Rrd;

/// <summary>One copy of what a tile knows beside its finished rows: the step that is not over, and which preparations count.</summary>
/// <remarks>A view of bytes in the tile's memory. It counts from the moment its checksum is written.</remarks>
internal readonly ref struct TileState
{
    public const int HeaderBytes = 64;

    /// <summary>For each kept stage: which copy of its preparation counts, and that copy's checksum.</summary>
    public const int PreparationBytes = 8;

    private const int ChecksumBytes = 8;
    private const int SequenceStart = 8;
    private const int LastStepStart = 16;
    private const int LastSampleTimeStart = 24;
    private const int LastEndingSampleStart = 32;
    private const int AccumulationStartStart = 40;
    private const int SyncedSequenceStart = 48;
    private const int UnknownFlagStart = 56;

    private readonly Span<byte> _bytes;
    private readonly int _unknownStart;

    public TileState(Span<byte> tile, TileShape shape, int copy)
    {
        _bytes = tile.Slice(copy * shape.StateStride, shape.StateBytes);
        _unknownStart = shape.UnknownStart;
        Present = _bytes.Slice(shape.PresentStart, shape.Columns);
        Previous = MemoryMarshal.Cast<byte, long>(_bytes[shape.PreviousStart..shape.AccumulatedStart]);
        Accumulated = MemoryMarshal.Cast<byte, double>(_bytes[shape.AccumulatedStart..shape.UnknownStart]);
        UnknownSeconds = MemoryMarshal.Cast<byte, double>(_bytes[shape.UnknownStart..]);
    }

    /// <summary>1 where <see cref="Previous"/> is the last sample, 0 where there is none to go on from.</summary>
    public Span<byte> Present { get; }

    /// <summary>Raw values of the last sample.</summary>
    public Span<long> Previous { get; }

    /// <summary>DERIVE, COUNTER: rate x seconds of the step that is not over. ABSOLUTE: the count. GAUGEs behind the last of these
    /// have none.</summary>
    public Span<double> Accumulated { get; }

    /// <summary>How much of that step is unknown; it counts only where <see cref="HasUnknownSeconds"/> says so, and is 0 else.</summary>
    public Span<double> UnknownSeconds { get; }

    public long Sequence
    {
        get => BinaryPrimitives.ReadInt64LittleEndian(_bytes[SequenceStart..]);
        set => BinaryPrimitives.WriteInt64LittleEndian(_bytes[SequenceStart..], value);
    }

    /// <summary>Sequence of the newest state that was known to be on disk.</summary>
    public long SyncedSequence
    {
        get => BinaryPrimitives.ReadInt64LittleEndian(_bytes[SyncedSequenceStart..]);
        set => BinaryPrimitives.WriteInt64LittleEndian(_bytes[SyncedSequenceStart..], value);
    }

    public long LastStep
    {
        get => BinaryPrimitives.ReadInt64LittleEndian(_bytes[LastStepStart..]);
        set => BinaryPrimitives.WriteInt64LittleEndian(_bytes[LastStepStart..], value);
    }

    public double LastSampleTime
    {
        get => BinaryPrimitives.ReadDoubleLittleEndian(_bytes[LastSampleTimeStart..]);
        set => BinaryPrimitives.WriteDoubleLittleEndian(_bytes[LastSampleTimeStart..], value);
    }

    public double LastEndingSample
    {
        get => BinaryPrimitives.ReadDoubleLittleEndian(_bytes[LastEndingSampleStart..]);
        set => BinaryPrimitives.WriteDoubleLittleEndian(_bytes[LastEndingSampleStart..], value);
    }

    public double AccumulationStart
    {
        get => BinaryPrimitives.ReadDoubleLittleEndian(_bytes[AccumulationStartStart..]);
        set => BinaryPrimitives.WriteDoubleLittleEndian(_bytes[AccumulationStartStart..], value);
    }

    public bool HasUnknownSeconds
    {
        get => BinaryPrimitives.ReadInt64LittleEndian(_bytes[UnknownFlagStart..]) != 0;
        set => BinaryPrimitives.WriteInt64LittleEndian(_bytes[UnknownFlagStart..], value ? 1 : 0);
    }

    /// <summary>Which copy of a kept stage's preparation counts; -1 where there is nothing to keep.</summary>
    public int PreparationCopy(int kept) => BinaryPrimitives.ReadInt32LittleEndian(_bytes[PreparationEntry(kept)..]);

    public uint PreparationChecksum(int kept) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[(PreparationEntry(kept) + sizeof(int))..]);

    public void SetPreparation(int kept, int copy, uint checksum)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes[PreparationEntry(kept)..], copy);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[(PreparationEntry(kept) + sizeof(int))..], checksum);
    }

    /// <summary>How long an unknown part a column has.</summary>
    public double Unknown(int column) => HasUnknownSeconds && column < UnknownSeconds.Length ? UnknownSeconds[column] : 0;

    public double AccumulatedOf(int column) => column < Accumulated.Length ? Accumulated[column] : 0;

    /// <summary>Notes an unknown part of a column.</summary>
    public void SetUnknown(int column, double seconds)
    {
        if (column >= UnknownSeconds.Length)
        {
            return;
        }
        if (!HasUnknownSeconds)
        {
            if (seconds == 0)
            {
                return;
            }
            UnknownSeconds.Clear();
            HasUnknownSeconds = true;
        }
        UnknownSeconds[column] = seconds;
    }

    /// <summary>Copies all but what makes a state this one: sequence and checksum.</summary>
    public void CopyFrom(TileState other) => other._bytes[LastStepStart..other.UsedBytes].CopyTo(_bytes[LastStepStart..]);

    /// <summary>Makes the state count.</summary>
    public void Seal() => BinaryPrimitives.WriteUInt64LittleEndian(_bytes, Checksum.Of(_bytes[ChecksumBytes..UsedBytes]));

    /// <summary>Whether it was sealed and has not been touched since.</summary>
    public bool IsSealed() =>
        Sequence > 0 && BinaryPrimitives.ReadUInt64LittleEndian(_bytes) == Checksum.Of(_bytes[ChecksumBytes..UsedBytes]);

    private int UsedBytes => HasUnknownSeconds ? _bytes.Length : _unknownStart;

    private static int PreparationEntry(int kept) => HeaderBytes + kept * PreparationBytes;
}
