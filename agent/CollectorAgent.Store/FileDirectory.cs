using System.Text;
using CollectorAgent.Rrd;

namespace CollectorAgent.Store;

/// <summary>What a file holds: the layout, and its tiles. See docs/formats/store.md.</summary>
internal sealed record FileDirectory(ArchiveLayout Layout, IReadOnlyList<StoredTile> Tiles)
{
    /// <summary>Longest one that is read.</summary>
    public const long MaxBytes = 64 << 20;

    private const int Alignment = 8;
    private const int MaxRows = 4 << 20;
    private const int MaxTiles = 1 << 16;
    private const int MaxColumns = 1 << 20;

    [Flags]
    private enum ColumnFlags : byte
    {
        Inverse = 1,
        Integer = 2,
    }

    /// <returns>A multiple of eight bytes.</returns>
    public byte[] Write() => Write([], new Dictionary<long, Range>(), out _);

    /// <param name="former">The bytes of another directory of this file.</param>
    /// <param name="formerTiles">Where in them each tile stands, by tag: what is there need not be written again.</param>
    /// <param name="tiles">Where each tile stands in the result.</param>
    /// <inheritdoc cref="Write()"/>
    public byte[] Write(ReadOnlySpan<byte> former, IReadOnlyDictionary<long, Range> formerTiles, out IReadOnlyDictionary<long, Range> tiles)
    {
        using var bytes = new MemoryStream(former.Length);
        using var writer = new BinaryWriter(bytes);
        var places = new Dictionary<long, Range>(Tiles.Count);
        writer.Write(Layout.StepSeconds);
        writer.Write(Layout.Rras.Count);
        foreach (var rra in Layout.Rras)
        {
            writer.Write((int)rra.Function);
            writer.Write(rra.PdpPerCdp);
            writer.Write(rra.Rows);
            writer.Write(rra.Xff);
        }
        writer.Write(Tiles.Count);
        foreach (var tile in Tiles)
        {
            int start = (int)bytes.Length;
            if (formerTiles.TryGetValue(tile.Tag, out var place))
            {
                writer.Write(former[place]);
            }
            else
            {
                Write(writer, tile);
            }
            places.Add(tile.Tag, start..(int)bytes.Length);
        }
        writer.Write(new byte[-(int)bytes.Length & (Alignment - 1)]);
        tiles = places;
        return bytes.ToArray();
    }

    /// <param name="bytes">They fit their checksum.</param>
    /// <param name="fileLength">Where the file ends.</param>
    /// <param name="shared">Gives equal layouts and data sources one object.</param>
    /// <exception cref="InvalidDataException">They say what cannot be.</exception>
    public static FileDirectory Read(byte[] bytes, long fileLength, SharedDefinitions shared)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        try
        {
            var layout = ReadLayout(reader, shared);
            int count = Count(reader, MaxTiles, "tiles");
            var tiles = new List<StoredTile>();
            for (int i = 0; i < count; i++)
            {
                tiles.Add(ReadTile(reader, layout, fileLength, shared));
            }
            RefuseOverlaps(tiles);
            return new FileDirectory(layout, tiles);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("its directory ends too early", e);
        }
    }

    private static ArchiveLayout ReadLayout(BinaryReader reader, SharedDefinitions shared)
    {
        int step = reader.ReadInt32();
        var rras = new RraDefinition[Count(reader, ArchiveLayout.MaxRras, "RRAs")];
        for (int i = 0; i < rras.Length; i++)
        {
            rras[i] = new RraDefinition((ConsolidationFunction)reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble());
            if (!Enum.IsDefined(rras[i].Function) || rras[i].PdpPerCdp < 1 || rras[i].Rows is < 1 or > MaxRows || !(rras[i].Xff is >= 0 and <= 1))
            {
                throw new InvalidDataException($"its directory names an RRA that cannot be: {rras[i]}");
            }
        }
        return step == ArchiveLayout.StandardStepSeconds ? shared.Layout(step, rras)
            : throw new InvalidDataException($"its directory names steps of {step} s, not of {ArchiveLayout.StandardStepSeconds} s");
    }

    private static StoredTile ReadTile(BinaryReader reader, ArchiveLayout layout, long fileLength, SharedDefinitions shared)
    {
        var extent = new Extent(reader.ReadInt64(), reader.ReadInt64());
        long tag = reader.ReadInt64();
        var columns = new List<DataSource>();
        int count = Count(reader, MaxColumns, "data sources");
        for (int i = 0; i < count; i++)
        {
            columns.Add(shared.Column(ReadColumn(reader)));
        }
        bool isInside = extent.Start >= FileSpace.PageBytes && extent.Start % FileSpace.PageBytes == 0
            && extent.Length is > 0 and <= int.MaxValue && extent.Start <= fileLength - extent.Length;
        if (!isInside)
        {
            throw new InvalidDataException($"a tile lies at {extent.Start} to {extent.End}, the file ends at {fileLength}");
        }
        return LengthOf(layout, columns) <= extent.Length - MappedTile.TagBytes
            ? new StoredTile(extent, tag, columns)
            : throw new InvalidDataException($"a tile of {count} data sources has only {extent.Length} bytes");
    }

    private static void RefuseOverlaps(List<StoredTile> tiles)
    {
        long end = 0;
        foreach (var extent in tiles.Select(t => t.Extent).OrderBy(e => e.Start))
        {
            if (extent.Start < end)
            {
                throw new InvalidDataException($"two tiles lie at {extent.Start}");
            }
            end = extent.End;
        }
    }

    private static int LengthOf(ArchiveLayout layout, List<DataSource> columns)
    {
        try
        {
            return Tile.LengthOf(layout, columns);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static void Write(BinaryWriter writer, StoredTile tile)
    {
        writer.Write(tile.Extent.Start);
        writer.Write(tile.Extent.Length);
        writer.Write(tile.Tag);
        writer.Write(tile.Columns.Count);
        foreach (var column in tile.Columns)
        {
            Write(writer, column);
        }
    }

    private static void Write(BinaryWriter writer, DataSource column)
    {
        byte[] name = Encoding.UTF8.GetBytes(column.Name);
        writer.Write(name.Length);
        writer.Write(name);
        writer.Write((byte)column.Type);
        writer.Write((byte)((column.Inverse ? ColumnFlags.Inverse : 0) | (column.IsInteger ? ColumnFlags.Integer : 0)));
        writer.Write(column.Min);
        writer.Write(column.Max);
        writer.Write(column.HeartbeatSeconds);
    }

    private static DataSource ReadColumn(BinaryReader reader)
    {
        int length = Count(reader, (int)MaxBytes, "bytes of a name");
        byte[] name = reader.ReadBytes(length);
        if (name.Length < length)
        {
            throw new EndOfStreamException();
        }
        var type = (DataSourceType)reader.ReadByte();
        var flags = (ColumnFlags)reader.ReadByte();
        if (!Enum.IsDefined(type))
        {
            throw new InvalidDataException($"its directory names a data source of type {type}");
        }
        return new DataSource(Encoding.UTF8.GetString(name), type, reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble())
        {
            Inverse = flags.HasFlag(ColumnFlags.Inverse),
            IsInteger = flags.HasFlag(ColumnFlags.Integer),
        };
    }

    private static int Count(BinaryReader reader, int most, string what)
    {
        int count = reader.ReadInt32();
        return count >= 0 && count <= most ? count : throw new InvalidDataException($"its directory names {count} {what}");
    }
}
