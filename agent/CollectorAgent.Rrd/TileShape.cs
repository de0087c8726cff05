namespace CollectorAgent.Rrd;

/// <summary>Where everything lies in the bytes of a tile. See docs/formats/store.md.</summary>
/// <remarks>What a tick touches lies together: the states in front, then for each stage what it keeps, then its rows.</remarks>
internal sealed class TileShape
{
    /// <summary>The newest, one that is written, one that is on disk, and one that is on the way there.</summary>
    public const int Copies = 4;

    /// <summary>Number and checksum, behind the cells of a row.</summary>
    public const int RowTrailerBytes = 16;

    /// <summary>Rows that a ring has room for beyond those it holds: a row that is being written takes the place of none that counts.</summary>
    public const int SpareRows = 4;

    private const int Alignment = 64;

    private readonly int[] _preparationStarts;
    private readonly int[] _preparationLengths;
    private readonly int[] _ringStarts;

    /// <param name="accumulating">How many columns it takes from the first to have all that accumulate something over a step.</param>
    /// <exception cref="ArgumentException">The tile would have more bytes than can be addressed.</exception>
    public TileShape(ArchiveLayout layout, int columns, int accumulating)
    {
        Columns = columns;
        PresentStart = TileState.HeaderBytes + layout.KeptStages * TileState.PreparationBytes;
        PreviousStart = PresentStart + RoundUp(columns, sizeof(long));
        AccumulatedStart = PreviousStart + columns * sizeof(long);
        UnknownStart = AccumulatedStart + accumulating * sizeof(double);
        StateBytes = UnknownStart + accumulating * sizeof(double);
        StateStride = RoundUp(StateBytes, Alignment);
        long start = (long)StateStride * Copies;
        _preparationStarts = new int[layout.KeptStages];
        _preparationLengths = new int[layout.KeptStages];
        _ringStarts = new int[layout.Stages.Length];
        foreach (var stage in layout.Stages.Where(s => s.IsKept))
        {
            _preparationStarts[stage.KeptIndex] = Addressable(start);
            _preparationLengths[stage.KeptIndex] = Preparation.Sections(stage) * columns * sizeof(double);
            start += (long)RoundUp(_preparationLengths[stage.KeptIndex], Alignment) * Copies;
        }
        foreach (var (i, stage) in layout.Stages.Index())
        {
            _ringStarts[i] = Addressable(start);
            start = RoundUp(start + (long)RowBytes(stage) * (stage.Rows + SpareRows), Alignment);
        }
        Length = Addressable(start);
    }

    public int Columns { get; }

    /// <summary>Bytes of the tile.</summary>
    public int Length { get; }

    /// <summary>Bytes of one copy of the state, and from one copy to the next.</summary>
    public int StateBytes { get; }

    public int StateStride { get; }

    // Within a copy of the state.
    public int PresentStart { get; }

    public int PreviousStart { get; }

    public int AccumulatedStart { get; }

    public int UnknownStart { get; }

    public int RowBytes(Stage stage) => stage.Bands * Columns * sizeof(double) + RowTrailerBytes;

    public int PreparationLength(Stage stage) => _preparationLengths[stage.KeptIndex];

    public int PreparationStart(Stage stage, int copy) =>
        _preparationStarts[stage.KeptIndex] + copy * RoundUp(_preparationLengths[stage.KeptIndex], Alignment);

    /// <summary>Where a row lies, whose place is that of all rows a multiple of the ring's length away.</summary>
    public int RowStart(int stageIndex, Stage stage, long row) =>
        _ringStarts[stageIndex] + (int)(row % (stage.Rows + SpareRows)) * RowBytes(stage);

    private static int RoundUp(int value, int unit) => (value + unit - 1) / unit * unit;

    private static long RoundUp(long value, int unit) => (value + unit - 1) / unit * unit;

    private static int Addressable(long position) => position <= int.MaxValue
        ? (int)position
        : throw new ArgumentException($"a tile of {position} bytes is too large");
}
