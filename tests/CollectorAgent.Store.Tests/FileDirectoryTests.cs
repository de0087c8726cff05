using CollectorAgent.Rrd;

namespace CollectorAgent.Store.Tests;

public sealed class FileDirectoryTests
{
    private const long FileLength = 1 << 20;

    private static readonly DataSource[] Columns =
    [
        new("a", DataSourceType.Derive, 0, 1e9, 17) { Inverse = true },
        new("ä", DataSourceType.Counter, double.NegativeInfinity, double.NaN) { IsInteger = true },
    ];

    [Fact]
    public void What_is_written_is_read()
    {
        var written = Directory(new Extent(4096, 8192), new Extent(16384, 4096 * 3));

        var read = Read(written.Write());

        Assert.Equal(written.Layout.Rras, read.Layout.Rras);
        Assert.Equal(written.Tiles.Select(t => (t.Extent, t.Tag)), read.Tiles.Select(t => (t.Extent, t.Tag)));
        Assert.All(read.Tiles, t => Assert.Equal(Columns, t.Columns));
        Assert.Equal(0, written.Write().Length % 8);
    }

    [Theory]
    [InlineData(0, 65536, "lies at 0")]
    [InlineData(4097, 65536, "lies at 4097")]
    [InlineData(4096, 4096, "has only 4096 bytes")]
    [InlineData(4096, FileLength, "the file ends at")]
    [InlineData(long.MaxValue - 4095, 65536, "the file ends at")]
    [InlineData(16384, 65536, "two tiles lie at 65536")]
    public void Tile_where_none_can_be_is_refused(long start, long length, string reason)
    {
        byte[] bytes = Wide(new Extent(65536, 65536), new Extent(start, length)).Write();

        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_a_directory_or_refused()
    {
        var random = new Random(1);
        byte[] whole = Directory(new Extent(4096, 8192), new Extent(16384, 8192)).Write();
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = whole[..random.Next(8, whole.Length + 1)];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            try
            {
                Read(bytes);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 5_000, 20_000);
    }

    private static FileDirectory Read(byte[] bytes) => FileDirectory.Read(bytes, FileLength, new SharedDefinitions());

    private static FileDirectory Directory(params Extent[] extents) =>
        new(StoreRig.Layout, [.. extents.Select((e, i) => new StoredTile(e, i + 1, Columns))]);

    /// <summary>With tiles that need 64 KiB.</summary>
    private static FileDirectory Wide(params Extent[] extents)
    {
        DataSource[] columns = [.. Enumerable.Range(0, 100).Select(n => new DataSource($"n{n}", DataSourceType.Gauge))];
        return new(StoreRig.Layout, [.. extents.Select((e, i) => new StoredTile(e, i, columns))]);
    }
}
