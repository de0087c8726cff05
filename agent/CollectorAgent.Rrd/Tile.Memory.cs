using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    private const int NoCopy = -1;

    private TileMemory _memory;

    // Which copy of the state counts, which is known to be on disk, and which is on the way there.
    private int _copy = NoCopy;
    private int _syncedCopy = NoCopy;
    private int _pendingCopy = NoCopy;
    private int _nextCopy;
    private long _sequence;
    private long _syncedSequence;

    /// <summary>The memory is from an earlier process, or from before a power cut: its rows are checked when they are read.</summary>
    private bool _isOpened;

    /// <summary>Where its bytes lie now.</summary>
    public TileMemory Memory => _memory;

    /// <summary>Rows that were found to differ from what was written, finished or not; they are unknown now.</summary>
    public int DamagedRows { get; private set; }

    private TileState Current => new(_memory.Bytes, _shape, _copy);

    /// <summary>Bytes that a tile takes.</summary>
    /// <exception cref="ArgumentException">More than can be addressed.</exception>
    public static int LengthOf(ArchiveLayout layout, IReadOnlyList<DataSource> columns) => layout.ShapeOf(columns).Length;

    /// <summary>Takes up a tile from its memory, as it was after the newest of its updates that is there.</summary>
    /// <returns>Null where the memory holds no state that is whole.</returns>
    public static Tile? Open(ArchiveLayout layout, IReadOnlyList<DataSource> columns, TileMemory memory)
    {
        var tile = new Tile(layout, columns) { _memory = memory };
        if (memory.Bytes.Length < tile._shape.Length)
        {
            return null;
        }
        int newest = tile.Newest(s => tile.IsWhole(s));
        if (newest == NoCopy)
        {
            // Better without what was kept of unfinished rows than without the tile.
            newest = tile.Newest(s => s.IsSealed() && s.LastStep >= 0);
            if (newest == NoCopy)
            {
                return null;
            }
        }
        tile.Load(newest);
        tile._reportedThrough.AsSpan().Fill(tile.LastStep);
        tile._isOpened = true;
        tile._syncedCopy = tile.Newest(s => s.Sequence == tile._syncedSequence);
        tile.DropDamagedPreparations();
        return tile;
    }

    /// <summary>From here on the tile's memory is written to disk: its state of this moment is kept until <see cref="EndSync"/>.</summary>
    public void BeginSync() => _pendingCopy = _copy;

    /// <param name="isOnDisk">All that was in memory at <see cref="BeginSync"/> is on disk. It stays there until a later state is.</param>
    public void EndSync(bool isOnDisk)
    {
        if (isOnDisk && _pendingCopy != NoCopy)
        {
            _syncedCopy = _pendingCopy;
            _syncedSequence = new TileState(_memory.Bytes, _shape, _syncedCopy).Sequence;
        }
        _pendingCopy = NoCopy;
    }

    /// <summary>Moves to other memory, as it is.</summary>
    /// <param name="memory">It holds the same bytes already.</param>
    public void MoveTo(TileMemory memory) => _memory = memory;

    /// <summary>Forgets an update that an exception ended before it counted: the tile is as it was after the one before.</summary>
    public void Rollback() => Load(_copy);

    private void Load(int copy)
    {
        _copy = copy;
        var state = Current;
        _sequence = state.Sequence;
        _syncedSequence = state.SyncedSequence;
        LastStep = state.LastStep;
        LastSampleTime = state.LastSampleTime;
        _lastEndingSample = state.LastEndingSample;
        _accumulationStart = state.AccumulationStart;
    }

    private TileState StateIn(int copy) => new(_memory.Bytes, _shape, copy);

    /// <summary>The copy with the highest sequence of those that will do.</summary>
    private int Newest(Func<TileState, bool> willDo)
    {
        int newest = NoCopy;
        for (int copy = 0; copy < TileShape.Copies; copy++)
        {
            if (willDo(StateIn(copy)) && (newest == NoCopy || StateIn(copy).Sequence > StateIn(newest).Sequence))
            {
                newest = copy;
            }
        }
        return newest;
    }

    private bool IsWhole(TileState state)
    {
        if (!state.IsSealed() || state.LastStep < 0)
        {
            return false;
        }
        foreach (var stage in Layout.Stages)
        {
            if (IsDamaged(stage, state))
            {
                return false;
            }
        }
        return true;
    }

    private bool IsDamaged(Stage stage, TileState state) =>
        stage.IsKept && state.PreparationCopy(stage.KeptIndex) is var copy && copy != NoCopy
        && (copy is < 0 or >= TileShape.Copies || Checksum.Of(PreparationBytes(stage, copy)) != state.PreparationChecksum(stage.KeptIndex));

    /// <summary>Goes on without what cannot be what was kept: so much of the unfinished rows is unknown.</summary>
    private void DropDamagedPreparations()
    {
        foreach (var stage in Layout.Stages)
        {
            if (IsDamaged(stage, Current))
            {
                ReservePreparations();
                var state = ContinuedState();
                state.SetPreparation(stage.KeptIndex, NoCopy, 0);
                DamagedRows++;
                Commit(state);
            }
        }
    }

    /// <summary>The copy in which the next state is written: it keeps the preparations of the one that counts, but knows of no sample.</summary>
    /// <param name="throughStep">The last of the steps that it will end.</param>
    /// <param name="isGap">They have no values.</param>
    private TileState NextState(long throughStep, bool isGap)
    {
        int copy = FreeCopy(_copy, _syncedCopy, _pendingCopy);
        // Memory may move here, so all of it comes before any view of it.
        _memory = _memory.Reserve(copy * _shape.StateStride, _shape.StateBytes);
        if (throughStep > LastStep)
        {
            ReserveRows(throughStep, isGap);
        }
        var state = new TileState(_memory.Bytes, _shape, copy) { HasUnknownSeconds = false };
        if (_copy != NoCopy)
        {
            for (int kept = 0; kept < Layout.KeptStages; kept++)
            {
                state.SetPreparation(kept, Current.PreparationCopy(kept), Current.PreparationChecksum(kept));
            }
        }
        _nextCopy = copy;
        return state;
    }

    private void ReserveRows(long throughStep, bool isGap)
    {
        // A step that ends no coarser row, which is nearly every one, writes its own row only.
        bool isPlain = throughStep == LastStep + 1 && Layout.EndsNoCoarseRow(throughStep) && Layout.Stages is [{ IsFinest: true }, ..];
        int stages = isPlain ? 1 : Layout.Stages.Length;
        for (int s = 0; s < stages; s++)
        {
            var stage = Layout.Stages[s];
            long row = LastStep / stage.PdpPerCdp;
            long rows = throughStep / stage.PdpPerCdp - row;
            // Of a gap only the row is written in which it begins.
            rows = Math.Min(rows, isGap ? stage.IsFinest ? 0 : 1 : stage.Rows + TileShape.SpareRows);
            for (int i = 0; i < rows; i++)
            {
                _memory = _memory.Reserve(_shape.RowStart(s, stage, row + i), _shape.RowBytes(stage));
            }
            if (stage.IsKept && Feeds(stage, LastStep, throughStep))
            {
                _memory = _memory.Reserve(
                    _shape.PreparationStart(stage, FreePreparationCopy(stage)), _shape.PreparationLength(stage));
            }
        }
    }

    /// <summary>Makes what was written since <see cref="NextState"/> count.</summary>
    private void Commit(TileState state)
    {
        state.Sequence = ++_sequence;
        state.SyncedSequence = _syncedSequence;
        state.LastStep = LastStep;
        state.LastSampleTime = LastSampleTime;
        state.LastEndingSample = _lastEndingSample;
        state.AccumulationStart = _accumulationStart;
        state.Seal();
        _copy = _nextCopy;
    }

    private static int FreeCopy(int first, int second, int third)
    {
        int copy = 0;
        while (copy == first || copy == second || copy == third)
        {
            copy++;
        }
        return copy;
    }

    /// <summary>A copy of a stage's preparation that no state names which counts or may have to.</summary>
    private int FreePreparationCopy(Stage stage) => FreeCopy(Named(stage, _copy), Named(stage, _syncedCopy), Named(stage, _pendingCopy));

    private int Named(Stage stage, int copy) =>
        copy == NoCopy ? NoCopy : new TileState(_memory.Bytes, _shape, copy).PreparationCopy(stage.KeptIndex);

    private Span<byte> PreparationBytes(Stage stage, int copy) =>
        _memory.Bytes.Slice(_shape.PreparationStart(stage, copy), _shape.PreparationLength(stage));

    private Preparation PreparationOf(Stage stage, int copy) =>
        new(stage, MemoryMarshal.Cast<byte, double>(PreparationBytes(stage, copy)), _shape.Columns);

    private Span<byte> RowBytes(int stage, long row) =>
        _memory.Bytes.Slice(_shape.RowStart(stage, Layout.Stages[stage], row), _shape.RowBytes(Layout.Stages[stage]));

    /// <summary>The cells of a row that is to be written, band after band.</summary>
    private Span<double> CellsToWrite(int stage, long row) => MemoryMarshal.Cast<byte, double>(RowBytes(stage, row)[..^TileShape.RowTrailerBytes]);

    /// <summary>The cells of a row, band after band; empty where the ring does not hold it.</summary>
    private ReadOnlySpan<double> Cells(int stage, long row)
    {
        var bytes = RowBytes(stage, row);
        // Memory that was never written says row 0, so that one counts only with its checksum.
        long number = NumberIn(bytes);
        if (number != row || (row == 0 && !IsSealedRow(bytes)))
        {
            NoteStrange(bytes, number, row, Layout.Stages[stage]);
            return [];
        }
        var cells = bytes[..^TileShape.RowTrailerBytes];
        if (_isOpened && !IsSealedRow(bytes))
        {
            bytes[^TileShape.RowTrailerBytes..].Clear();
            DamagedRows++;
            return [];
        }
        return MemoryMarshal.Cast<byte, double>(cells);
    }

    /// <summary>Counts a row whose number cannot be that of any row in its place: it was changed since it was written.</summary>
    private void NoteStrange(Span<byte> bytes, long number, long row, Stage stage)
    {
        if (_isOpened && number != 0 && (number - row) % (stage.Rows + TileShape.SpareRows) != 0)
        {
            bytes[^TileShape.RowTrailerBytes..].Clear();
            DamagedRows++;
        }
    }

    private static long NumberIn(ReadOnlySpan<byte> row) => BinaryPrimitives.ReadInt64LittleEndian(row[^TileShape.RowTrailerBytes..]);

    private void SealRow(int stage, long row)
    {
        var bytes = RowBytes(stage, row);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[^TileShape.RowTrailerBytes..], row);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[^sizeof(ulong)..], Checksum.Of(bytes[..^sizeof(ulong)]));
    }

    private static bool IsSealedRow(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]) == Checksum.Of(bytes[..^sizeof(ulong)]);

    private bool Holds(int rra, long row)
    {
        long newest = NewestRow(rra);
        Debug.Assert(rra < Layout.Rras.Count, "an RRA of the layout");
        return row >= 0 && row <= newest && row > newest - Layout.Rras[rra].Rows;
    }
}
