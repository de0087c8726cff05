using System.Globalization;

namespace CollectorAgent.Protocol.Tests;

public sealed class Crc32Tests
{
    private const uint Start = uint.MaxValue;

    private delegate uint Way(uint crc, ReadOnlySpan<byte> data);

    /// <summary>Every way that this processor knows.</summary>
    private static IEnumerable<(string Name, Way Way)> Ways()
    {
        yield return ("tables", Crc32Table.Append);
        if (Crc32Lanes128.IsSupported)
        {
            yield return ("128 bits", Crc32Folding<Crc32Lanes128>.Append);
        }
        if (Crc32Lanes256.IsSupported)
        {
            yield return ("256 bits", Crc32Folding<Crc32Lanes256>.Append);
        }
        if (Crc32Lanes512.IsSupported)
        {
            yield return ("512 bits", Crc32Folding<Crc32Lanes512>.Append);
        }
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("hello", 0x3610a686)]
    [InlineData("123456789", 0xcbf43926)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414fa339)]
    public void Checksum_of_known_text(string text, uint checksum)
    {
        Assert.Equal(checksum, Crc32.Compute(Pages.Bytes(text)));
        Assert.All(Ways(), way => Assert.Equal(checksum, ~way.Way(Start, Pages.Bytes(text))));
    }

    [Fact]
    public void Checksum_is_that_of_the_definition_at_every_length_and_offset()
    {
        byte[] data = RandomBytes(1, 384);
        for (int offset = 0; offset < 65; offset++)
        {
            for (int length = 0; length <= 300; length++)
            {
                AssertChecksum(data.AsSpan(offset, length), $"{length} bytes at {offset}");
            }
        }
    }

    [Fact]
    public void Checksum_is_that_of_the_definition_for_long_data()
    {
        byte[] data = RandomBytes(2, 100_000);
        var random = new Random(3);
        int[] lengths = [511, 512, 513, 767, 768, 1023, 1024, 1025, 8192, 80_008, .. Enumerable.Range(0, 300).Select(_ => random.Next(301, 20_000))];
        foreach (int length in lengths)
        {
            int offset = random.Next(data.Length - length);
            AssertChecksum(data.AsSpan(offset, length), $"{length} bytes at {offset}");
        }
    }

    [Fact]
    public void Every_bit_of_the_data_counts_by_itself()
    {
        // One bit at a time shows each factor alone: random data could hide a wrong one behind others.
        byte[] data = new byte[600];
        for (int bit = 0; bit < data.Length * 8; bit++)
        {
            data[bit / 8] = (byte)(1 << (bit % 8));
            AssertChecksum(data, string.Create(CultureInfo.InvariantCulture, $"bit {bit}"));
            data[bit / 8] = 0;
        }
    }

    [Fact]
    public void Checksum_of_two_parts_one_behind_the_other_is_that_of_the_whole()
    {
        byte[] data = RandomBytes(4, 900);
        foreach (var (name, way) in Ways())
        {
            for (int cut = 0; cut <= data.Length; cut++)
            {
                Assert.Equal((name, Pages.Checksum(data)), (name, ~way(way(Start, data.AsSpan(0, cut)), data.AsSpan(cut))));
            }
        }
    }

    private static void AssertChecksum(ReadOnlySpan<byte> data, string what)
    {
        uint expected = Pages.Checksum(data);
        Assert.True(expected == Crc32.Compute(data), what);
        foreach (var (name, way) in Ways())
        {
            Assert.True(expected == ~way(Start, data), $"{what}, {name}");
        }
    }

    private static byte[] RandomBytes(int seed, int length)
    {
        byte[] data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }
}
