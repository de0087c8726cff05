namespace CollectorAgent.Protocol.Tests;

/// <summary>What the protobuf of metrics becomes, and what is none. The bytes are put together here.</summary>
public sealed class OpenMetricsProtobufTests
{
    /// <summary>A family of each kind that has a number, and fields that nobody knows.</summary>
    public static byte[] Sample { get; } =
    [
        .. Family("g", 1, Metric([Label("b", "x")], Bytes(2, Double(1, 0.5))), Text(4, "Help."), Text(3, "s")),
        .. Family("c", 2, Metric([], Bytes(3, Varint(2, 7)))),
        .. Family("h", 5, Metric([], Bytes(4, Double(1, 2), Varint(3, 3), Bytes(5, Varint(1, 3), Double(2, double.PositiveInfinity))))),
        .. Family("s", 7, Metric([], Bytes(7, Varint(2, 2), Varint(3, 3), Bytes(5, Double(1, 0.5), Double(2, 4))))),
        .. Family("t", 3, Metric([], Bytes(5, Bytes(1, Varint(1, 1), Text(2, "on")), Bytes(1, Text(2, "off"))))),
        .. Family("i", 4, Metric([], Bytes(6, Bytes(1, Text(1, "v"), Text(2, "1"))))),
        .. Varint(99, 1), .. Double(98, 1), .. new byte[] { 0xed, 0x01, 1, 2, 3, 4 },
    ];

    [Fact]
    public void Families_become_data_sources()
    {
        var reader = Read(Sample);

        Assert.Equal(
            ["g{b=x}", "c_total", "h_bucket{le=+Inf}", "h_count", "h_sum", "s{quantile=0.5}", "s_count", "s_sum", "t{t=on}", "t{t=off}"],
            reader.Sources.Select(s => s.Name));
        Assert.Equal([0.5, 7, 3, 3, 2, 4, 3, 2, 1, 0], OpenMetricsTextTests.Values(reader));
        Assert.Equal(("Help.", "s"), (reader.Sources[0].Description, reader.Sources[0].Units));
        Assert.Equal(["family i: info has no number"], reader.LeftOut);
    }

    [Fact]
    public void Fields_may_come_in_any_order()
    {
        byte[] value = Bytes(2, Double(1, 0.5));
        var reader = Read(Bytes(1, Bytes(5, Bytes(2, value), Bytes(1, Text(2, "x"), Text(1, "b"))), Varint(2, 1), Text(1, "g")));

        Assert.Equal(["g{b=x}"], reader.Sources.Select(s => s.Name));
        Assert.Equal([0.5], OpenMetricsTextTests.Values(reader));
    }

    [Fact]
    public void Integers_keep_their_sign_and_counters_have_none()
    {
        var reader = Read(
        [
            .. Family("g", 1, Metric([], Bytes(2, Varint(2, ulong.MaxValue)))),
            .. Family("c", 2, Metric([], Bytes(3, Varint(2, ulong.MaxValue)))),
        ]);

        Assert.Equal([-1, ulong.MaxValue], OpenMetricsTextTests.Values(reader));
    }

    [Fact]
    public void Point_without_a_value_is_left_out()
    {
        var reader = Read([.. Family("g", 1, Metric([Label("b", "x")], Bytes(2))), .. Family("u", 0, Metric([], [])), .. Family("x", 1)]);

        Assert.Empty(reader.Sources);
        Assert.Equal(["series g{b=x}: it has no value", "series u: it has no value"], reader.LeftOut);
    }

    [Fact]
    public void State_set_named_owner_is_left_out()
    {
        var reader = Read(Family("owner", 3, Metric([], Bytes(5, Bytes(1, Text(2, "host")), Bytes(1, Text(2, "vm"))))));

        Assert.Empty(reader.Sources);
        Assert.Equal(["series owner: it lacks the label that names the state"], reader.LeftOut);
    }

    public static TheoryData<string, byte[]> Broken => new()
    {
        { "a text that is no UTF-8", Bytes(1, Bytes(1, [0xff])) },
        { "'' is no name of a metric", Bytes(1) },
        { "'a-b' is no name of a metric", Family("a-b", 1) },
        { "'b:c' is no name of a label", Family("a", 1, Metric([Label("b:c", "x")], Bytes(2, Double(1, 1)))) },
        { "'' is no name of a label", Family("a", 1, Metric([Bytes(1)], Bytes(2, Double(1, 1)))) },
        { "the label b stands twice in one series", Family("a", 1, Metric([Label("b", "x"), Label("b", "y")], Bytes(2, Double(1, 1)))) },
        { "the label le stands twice in one series", Family("a", 5, Metric([Label("le", "1")], Bytes(4, Bytes(5, Varint(1, 1))))) },
        { "family a stands in two places", [.. Family("a", 1), .. Family("a", 1)] },
        { "family a: 8 is no type", Family("a", 8) },
        { "family a: a value of another type", Family("a", 1, Metric([], Bytes(3, Double(1, 1)))) },
        { "field 1 is of the wrong kind", Varint(1, 5) },
        { "field 1 is of the wrong kind", Family("a", 1, Metric([], Bytes(2, Varint(1, 5)))) },
        { "a field of an unknown kind", [0x0b, 0x0c] },
        { "a field of an unknown kind", [0x0e] },
        { "a field whose number is none", [0x02, 0x00] },
        { "a field that is longer than its message", [0x0a, 0x05, 0x00] },
        { "a field that is longer than its message", [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01] },
        { "a number that does not end", [0x0a, 0x80] },
        { "a number that does not end", [.. Enumerable.Repeat((byte)0x80, 11), 0x01] },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_message_is_refused_and_says_why(string detail, byte[] message)
    {
        var reader = new OpenMetricsReader();

        Assert.False(reader.TryReadProtobuf(message));
        Assert.Equal(detail, reader.Detail);
    }

    [Fact]
    public void Message_cut_off_anywhere_is_refused_or_read_up_to_a_whole_family()
    {
        int whole = 0;
        for (int length = 0; length < Sample.Length; length++)
        {
            whole += new OpenMetricsReader().TryReadProtobuf(Sample.AsSpan(0, length)) ? 1 : 0;
        }

        // Before the first family, behind each of the six, and behind two of the three unknown fields.
        Assert.Equal(9, whole);
    }

    [Fact]
    public void Each_of_many_buckets_has_its_own_bound_beside_the_labels_of_all()
    {
        const int Buckets = 2_000;
        byte[] buckets = [.. Enumerable.Range(0, Buckets).SelectMany(i => Bytes(5, Varint(1, (ulong)i), Double(2, i)))];

        var reader = Read(Family("h", 5, Metric([Label("a", "x"), Label("z", "y")], Bytes(4, buckets))));

        Assert.Equal(
            [.. Enumerable.Range(0, Buckets).Select(i => $"h_bucket{{a=x,le={i}.0,z=y}}"), "h_count{a=x,z=y}"], reader.Sources.Select(s => s.Name));
        Assert.Empty(reader.LeftOut);
    }

    /// <summary>Each bucket is read with all labels: more of both than fit must not cost the product of them.</summary>
    [Fact]
    public void Many_labels_and_many_buckets_are_left_out_one_by_one()
    {
        byte[] labels = [.. Enumerable.Range(0, 50_000).SelectMany(i => Label($"l{i}", "x"))];
        byte[] buckets = [.. Enumerable.Range(0, 50_000).SelectMany(i => Bytes(5, Double(2, i)))];

        var reader = Read(Family("h", 5, Bytes(5, labels, Bytes(2, Bytes(4, buckets)))));

        Assert.Empty(reader.Sources);
        Assert.Contains("more than 64 labels", reader.LeftOut[0], StringComparison.Ordinal);
    }

    internal static byte[] Family(string name, ulong type, params byte[][] rest) => Bytes(1, [Text(1, name), Varint(2, type), .. rest]);

    internal static byte[] Metric(byte[][] labels, byte[] point) => Bytes(5, [.. labels, Bytes(2, point)]);

    internal static byte[] Label(string name, string value) => Bytes(1, Text(1, name), Text(2, value));

    internal static byte[] Text(int field, string text) => Bytes(field, Pages.Bytes(text));

    internal static byte[] Bytes(int field, params byte[][] content)
    {
        byte[] all = [.. content.SelectMany(c => c)];
        return [.. Number((ulong)field << 3 | 2), .. Number((ulong)all.Length), .. all];
    }

    internal static byte[] Varint(int field, ulong number) => [.. Number((ulong)field << 3), .. Number(number)];

    internal static byte[] Double(int field, double number) => [.. Number((ulong)field << 3 | 1), .. BitConverter.GetBytes(number)];

    private static IEnumerable<byte> Number(ulong number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            yield return (byte)(number | 0x80);
        }
        yield return (byte)number;
    }

    private static OpenMetricsReader Read(byte[] message)
    {
        var reader = new OpenMetricsReader();
        Assert.True(reader.TryReadProtobuf(message), reader.Detail);
        return reader;
    }
}
