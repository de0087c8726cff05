using CollectorAgent.TestKit;
using static CollectorAgent.TestKit.MessagePackBytes;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Each form of the specification, byte by byte.</summary>
public sealed class MessagePackFormTests
{
    public static TheoryData<string, object?> Forms => new()
    {
        { "c0", null },
        { "c2", false },
        { "c3", true },
        { "00", 0L },
        { "7f", 127L },
        { "cc80", 128L },
        { "ccff", 255L },
        { "cd0100", 256L },
        { "cdffff", 65_535L },
        { "ce00010000", 65_536L },
        { "ceffffffff", 4_294_967_295L },
        { "cf0000000100000000", 4_294_967_296L },
        { "cf7fffffffffffffff", long.MaxValue },
        { "cf8000000000000000", 1UL << 63 },
        { "cfffffffffffffffff", ulong.MaxValue },
        { "ff", -1L },
        { "e0", -32L },
        { "d0df", -33L },
        { "d080", -128L },
        { "d1ff7f", -129L },
        { "d18000", -32_768L },
        { "d2ffff7fff", -32_769L },
        { "d280000000", (long)int.MinValue },
        { "d3ffffffff7fffffff", int.MinValue - 1L },
        { "d38000000000000000", long.MinValue },
        { "cb3fe0000000000000", 0.5 },
        { "cb7ff0000000000000", double.PositiveInfinity },
        { "cb8000000000000000", -0.0 },
        { "a0", "" },
        { "a461c3a462", "aäb" },
        { "c400", Array.Empty<byte>() },
        { "c40201ff", new byte[] { 1, 255 } },
        { "90", Array.Empty<object?>() },
        { "93c001a161", new object?[] { null, 1L, "a" } },
        { "80", Array.Empty<KeyValuePair<object?, object?>>() },
        { "81a16107", new KeyValuePair<object?, object?>[] { new("a", 7L) } },
        { "d40501", ((sbyte)5, new byte[] { 1 }) },
        { "d5050102", ((sbyte)5, new byte[] { 1, 2 }) },
        { "d60501020304", ((sbyte)5, new byte[] { 1, 2, 3, 4 }) },
        { "d7ff0102030405060708", ((sbyte)-1, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }) },
        { "d805000102030405060708090a0b0c0d0e0f", ((sbyte)5, Enumerable.Range(0, 16).Select(i => (byte)i).ToArray()) },
        { "c70005", ((sbyte)5, Array.Empty<byte>()) },
        { "c70305010203", ((sbyte)5, new byte[] { 1, 2, 3 }) },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Value_is_written_in_its_shortest_form_and_read_again(string hex, object? value)
    {
        byte[] bytes = Convert.FromHexString(hex);
        var reader = new MessagePackReader(bytes);

        Assert.Equal(hex, Convert.ToHexStringLower(Written(w => w.Write(value))));
        Assert.Equal(value, reader.ReadValue());
        Assert.True(reader.End);
        AssertSkippedAndFramed(bytes);
    }

    [Theory]
    [InlineData("cc01", 1L)]
    [InlineData("cd0001", 1L)]
    [InlineData("ce00000001", 1L)]
    [InlineData("cf0000000000000001", 1L)]
    [InlineData("d001", 1L)]
    [InlineData("d1ffff", -1L)]
    [InlineData("d2ffffffff", -1L)]
    [InlineData("d3ffffffffffffffff", -1L)]
    [InlineData("ca3f000000", 0.5)]
    [InlineData("d90161", "a")]
    [InlineData("da000161", "a")]
    [InlineData("db0000000161", "a")]
    public void Longer_form_than_needed_is_read_too(string hex, object value)
    {
        byte[] bytes = Convert.FromHexString(hex);
        var reader = new MessagePackReader(bytes);

        Assert.Equal(value, reader.ReadValue());
        AssertSkippedAndFramed(bytes);
    }

    [Fact]
    public void Longer_arrays_maps_bytes_and_extensions_are_read_too()
    {
        Assert.Equal([1L], Read("dc000101") as object?[]);
        Assert.Equal([1L], Read("dd0000000101") as object?[]);
        Assert.Equal([new(1L, 2L)], Read("de00010102") as KeyValuePair<object?, object?>[]);
        Assert.Equal([new(1L, 2L)], Read("df000000010102") as KeyValuePair<object?, object?>[]);
        Assert.Equal([7], Read("c5000107") as byte[]);
        Assert.Equal([7], Read("c60000000107") as byte[]);
        Assert.Equal(((sbyte)-2, new byte[] { 7 }), Read("c80001fe07"));
        Assert.Equal(((sbyte)-2, new byte[] { 7 }), Read("c900000001fe07"));

        static object? Read(string hex)
        {
            byte[] bytes = Convert.FromHexString(hex);
            AssertSkippedAndFramed(bytes);
            var reader = new MessagePackReader(bytes);
            return reader.ReadValue();
        }
    }

    [Theory]
    [InlineData(31, "bf")]
    [InlineData(32, "d920")]
    [InlineData(255, "d9ff")]
    [InlineData(256, "da0100")]
    [InlineData(65_535, "daffff")]
    [InlineData(65_536, "db00010000")]
    public void Length_of_text_decides_its_form(int length, string begin)
    {
        string text = new('x', length);
        byte[] bytes = Written(w => w.Write(text));

        Assert.StartsWith(begin + "78", Convert.ToHexStringLower(bytes), StringComparison.Ordinal);
        Assert.Equal(bytes, Written(w => w.WriteString(System.Text.Encoding.UTF8.GetBytes(text))));
        Assert.Equal(text, new MessagePackReader(bytes).ReadString());
    }

    [Theory]
    [InlineData(255, "c4ff", "c7ff05")]
    [InlineData(256, "c50100", "c8010005")]
    [InlineData(65_535, "c5ffff", "c8ffff05")]
    [InlineData(65_536, "c600010000", "c90001000005")]
    public void Length_of_bytes_decides_their_form(int length, string binary, string extension)
    {
        byte[] payload = new byte[length];
        byte[] asBinary = Written(w => w.Write(payload.AsSpan()));
        byte[] asExtension = Written(w => w.WriteExtension(5, payload));

        Assert.StartsWith(binary + "00", Convert.ToHexStringLower(asBinary), StringComparison.Ordinal);
        Assert.StartsWith(extension + "00", Convert.ToHexStringLower(asExtension), StringComparison.Ordinal);
        Assert.Equal(payload, new MessagePackReader(asBinary).ReadBytes());
        Assert.Equal(payload, new MessagePackReader(asExtension).ReadExtension(out sbyte type));
        Assert.Equal(5, type);
    }

    [Theory]
    [InlineData(15, "9f", "8f")]
    [InlineData(16, "dc0010", "de0010")]
    [InlineData(65_535, "dcffff", "deffff")]
    [InlineData(65_536, "dd00010000", "df00010000")]
    public void Count_decides_the_form_of_arrays_and_maps(int count, string array, string map)
    {
        byte[] asArray = [.. Written(w => w.WriteArrayHeader(count)), .. new byte[count]];
        byte[] asMap = [.. Written(w => w.WriteMapHeader(count)), .. new byte[2 * count]];

        Assert.StartsWith(array + "00", Convert.ToHexStringLower(asArray), StringComparison.Ordinal);
        Assert.StartsWith(map + "00", Convert.ToHexStringLower(asMap), StringComparison.Ordinal);
        Assert.Equal(count, new MessagePackReader(asArray).ReadArrayHeader());
        Assert.Equal(count, new MessagePackReader(asMap).ReadMapHeader());
    }

    [Fact]
    public void Integers_that_do_not_fit_and_other_types_are_refused()
    {
        Refused(w => w.Write(ulong.MaxValue), (ref r) => r.ReadInt64());
        Refused(w => w.Write(-1L), (ref r) => r.ReadUInt64());
        Refused(w => w.Write(1L << 31), (ref r) => r.ReadInt32());
        Refused(w => w.Write(int.MinValue - 1L), (ref r) => r.ReadInt32());
        Refused(w => w.Write(1L << 32), (ref r) => r.ReadUInt32());
        Refused(w => w.Write(1.0), (ref r) => r.ReadInt64());
        Refused(w => w.Write("1"), (ref r) => r.ReadDouble());
        Refused(w => w.Write("1"), (ref r) => r.ReadBytes());
        Refused(w => w.Write(false), (ref r) => r.ReadNil());
        Refused(w => w.WriteNil(), (ref r) => r.ReadBoolean());
        Refused(w => w.WriteMapHeader(0), (ref r) => r.ReadArrayHeader());
        Refused(w => w.WriteArrayHeader(0), (ref r) => r.ReadMapHeader());
    }

    [Fact]
    public void Text_that_is_no_utf8_is_refused()
    {
        var e = Assert.Throws<MessagePackFormatException>(() => new MessagePackReader([0xa2, 0x61, 0xc3]).ReadString());

        Assert.Contains("UTF-8", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Integer_is_read_as_a_double_where_one_is_wanted()
    {
        Assert.Equal(-5, new MessagePackReader([0xfb]).ReadDouble());
        Assert.Equal(18446744073709551615.0, new MessagePackReader(Convert.FromHexString("cfffffffffffffffff")).ReadDouble());
        Assert.Equal(0.25, new MessagePackReader(Written(w => w.Write(0.25f))).ReadDouble());
    }

    private delegate void Reading(ref MessagePackReader reader);

    private static void Refused(Action<MessagePackWriter> write, Reading read) => Assert.Throws<MessagePackFormatException>(() =>
    {
        var reader = new MessagePackReader(Written(write));
        read(ref reader);
    });

    private static void AssertSkippedAndFramed(byte[] bytes)
    {
        var skipping = new MessagePackReader(bytes);
        skipping.Skip();
        Assert.True(skipping.End);
        Assert.True(new MessagePackFramer().TryFindEnd(bytes, out int taken));
        Assert.Equal(bytes.Length, taken);
    }
}
