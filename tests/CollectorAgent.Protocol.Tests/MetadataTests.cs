using System.Text;

namespace CollectorAgent.Protocol.Tests;

/// <summary>What the keys of a data source mean, which may be left out, and in which spellings they come.</summary>
public sealed class MetadataTests
{
    private const string Float = "\"value_type\":\"float\"";

    [Fact]
    public void Keys_have_defaults_in_version_2()
    {
        var expected = new ReportedSource("a")
        {
            Owner = Owner.Host,
            Type = ReportedType.Absolute,
            IsInteger = false,
            IsDefault = false,
            IsInverse = false,
            Units = "",
            Description = "",
            Min = double.NegativeInfinity,
            Max = double.PositiveInfinity,
        };

        Assert.Equal(expected, Source(Float));
    }

    [Fact]
    public void Keys_have_defaults_in_version_1()
    {
        var reader = Read(Pages.Version1("{\"datasources\":{\"a\":{\"value\":\"1.5\"}},\"timestamp\":\"1700000000\"}"));

        Assert.Equal([new ReportedSource("a")], reader.Sources);
        Assert.Equal([Pages.Bits(1.5)], reader.Values.ToArray());
        Assert.Equal(1_700_000_000, reader.Timestamp);
    }

    public static TheoryData<string, ReportedSource> Spellings => new()
    {
        { "\"type\":\"gauge\"", new("a") { Type = ReportedType.Gauge } },
        { "\"type\":\"GAUGE\"", new("a") { Type = ReportedType.Gauge } },
        { "\"type\":\"Absolute\"", new("a") { Type = ReportedType.Absolute } },
        { "\"type\":\"derive\"", new("a") { Type = ReportedType.Derive } },
        { "\"type\":\"counter\"", new("a") { Type = ReportedType.Counter } },
        { "\"value_type\":\"int64\"", new("a") { IsInteger = true } },
        { "\"value_type\":\"INT64\"", new("a") { IsInteger = true } },
        { "\"default\":\"true\"", new("a") { IsDefault = true } },
        { "\"default\":true", new("a") { IsDefault = true } },
        { "\"default\":\"false\"", new("a") },
        { "\"default\":false", new("a") },
        { "\"transform\":\"identity\"", new("a") },
        { "\"transform\":\"inverse\"", new("a") { IsInverse = true } },
        { "\"min\":\"0.00\"", new("a") { Min = 0 } },
        { "\"min\":0", new("a") { Min = 0 } },
        { "\"min\":-1.5e3", new("a") { Min = -1500 } },
        { "\"min\":\"-inf\"", new("a") },
        { "\"min\":\"nan\"", new("a") },
        { "\"min\":NaN", new("a") },
        { "\"min\":-Infinity", new("a") },
        { "\"min\": -Infinity , \"max\":Infinity", new("a") },
        { "\"max\":\"1.00\"", new("a") { Max = 1 } },
        { "\"max\":\"infinity\"", new("a") },
        { "\"max\":\"nan\"", new("a") },
        { "\"max\":Infinity", new("a") },
        { "\"owner\":\"vm ABCDE\"", new("a") { Owner = new(OwnerKind.Vm, "abcde") } },
        { "\"owner\":\"sr abcde\"", new("a") { Owner = new(OwnerKind.Sr, "abcde") } },
        { "\"units\":\"°C\"", new("a") { Units = "°C" } },
        { "\"units\":\"\\u03bcs\"", new("a") { Units = "μs" } },
        { "\"description\":\"a \\\"b\\\" \\\\ c\"", new("a") { Description = "a \"b\" \\ c" } },
        { "\"description\":\"Infinity and -Infinity, NaN\"", new("a") { Description = "Infinity and -Infinity, NaN" } },
        { "\"description\":\"\\\\\",\"min\":-Infinity", new("a") { Description = "\\" } },
        { "\"description\":\"\\\"Infinity\\\"\",\"max\":Infinity", new("a") { Description = "\"Infinity\"" } },
        { "\"value\":\"0.25\"", new("a") },
        { "\"value\":NaN", new("a") },
        { "\"colour\":{\"deep\":[1,2,{\"a\":null}]}", new("a") },
        { "\"Type\":\"gauge\"", new("a") },
        { "\"type\":\"gauge\",\"type\":\"derive\"", new("a") { Type = ReportedType.Derive } },
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Key_is_read(string keys, ReportedSource expected) =>
        Assert.Equal(expected, Source(keys.Contains("value_type", StringComparison.OrdinalIgnoreCase) ? keys : $"{Float},{keys}"));

    [Theory]
    [InlineData("\"type\":\"rate\"")]
    [InlineData("\"type\":\"absolute_to_rate\"")]
    [InlineData("\"type\":\"\"")]
    [InlineData("\"type\":null")]
    [InlineData("\"default\":\"True\"")]
    [InlineData("\"default\":\"yes\"")]
    [InlineData("\"default\":1")]
    [InlineData("\"transform\":\"Inverse\"")]
    [InlineData("\"min\":\"\"")]
    [InlineData("\"min\":\"low\"")]
    [InlineData("\"min\":true")]
    [InlineData("\"max\":{}")]
    [InlineData("\"max\":[]")]
    [InlineData("\"max\":-Infinit")]
    [InlineData("\"owner\":\"vm\"")]
    [InlineData("\"owner\":\"dom0\"")]
    [InlineData("\"owner\":\"vm ../x\"")]
    [InlineData("\"value_type\":\"double\"")]
    [InlineData("\"units\":[]")]
    public void Other_value_of_a_key_makes_the_metadata_invalid(string keys)
    {
        var reader = new PageReader();

        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(Page($"{Float},{keys}")));
        Assert.NotEmpty(reader.Detail);
        Assert.DoesNotContain(reader.Detail, char.IsControl);
    }

    [Fact]
    public void Version_2_needs_a_value_type() => Assert.Equal(PageStatus.InvalidMetadata, new PageReader().Read(Page("\"owner\":\"host\"")));

    [Fact]
    public void Version_1_knows_no_transform_and_needs_a_value()
    {
        Assert.False(Read(Pages.Version1("""{"timestamp":1e9,"datasources":{"a":{"value":1,"transform":"inverse"}}}""")).Sources[0].IsInverse);
        Assert.Equal(
            PageStatus.InvalidMetadata,
            new PageReader().Read(new MemoryPage(Pages.Version1("""{"timestamp":1e9,"datasources":{"a":{"owner":"host"}}}"""))));
    }

    [Theory]
    [InlineData("int64", "7", 7)]
    [InlineData("int64", "\"-7\"", -7)]
    [InlineData("int64", "\"9223372036854775807\"", long.MaxValue)]
    [InlineData("int64", "-9223372036854775808", long.MinValue)]
    [InlineData("int64", "7.0", 7)]
    [InlineData("int64", "1e3", 1000)]
    [InlineData("float", "7", 0x401c000000000000)]
    [InlineData("float", "\"0.25\"", 0x3fd0000000000000)]
    [InlineData("float", "\"-inf\"", unchecked((long)0xfff0000000000000))]
    [InlineData("float", "Infinity", 0x7ff0000000000000)]
    public void Value_of_version_1_is_a_number_or_one_in_a_string(string type, string value, long bits) => Assert.Equal(
        [bits],
        Read(Pages.Version1($"{{\"timestamp\":1e9,\"datasources\":{{\"a\":{{\"value\":{value},\"value_type\":\"{type}\"}}}}}}")).Values.ToArray());

    [Theory]
    [InlineData("\"x\"")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("1e300")]
    [InlineData("9223372036854775808")]
    [InlineData("NaN")]
    public void Value_of_version_1_that_is_no_integer_is_refused(string value) => Assert.Equal(
        PageStatus.InvalidMetadata,
        new PageReader().Read(new MemoryPage(Pages.Version1(
            $"{{\"timestamp\":1e9,\"datasources\":{{\"a\":{{\"value\":{value},\"value_type\":\"int64\"}}}}}}"))));

    [Fact]
    public void Repeated_names_are_data_sources_of_their_own_in_their_order()
    {
        string metadata = Pages.Metadata(
            ("cpu0", $"{Float},\"owner\":\"vm a\""), ("cpu0", $"{Float},\"owner\":\"host\""), ("b", Float), ("cpu0", $"{Float},\"owner\":\"vm b\""));
        var reader = Read(Pages.Version2(metadata, 1, 2, 3, 4));

        Assert.Equal(["vm a", "host", "host", "vm b"], reader.Sources.Select(s => s.Owner.ToString()));
        Assert.Equal(["cpu0", "cpu0", "b", "cpu0"], reader.Sources.Select(s => s.Name));
        Assert.Equal([1, 2, 3, 4], reader.Values.ToArray());
    }

    [Fact]
    public void Colon_in_a_name_becomes_a_slash() =>
        Assert.Equal("gpu/0000/00", Read(Pages.Version2(Pages.Metadata(("gpu:0000:00", Float)), 0)).Sources[0].Name);

    [Theory]
    [InlineData("")]
    [InlineData("a\\nb")]
    [InlineData("a\\u0000")]
    [InlineData("a\\u0085")]
    [InlineData("\\ud800")]
    public void Name_that_cannot_be_one_makes_the_metadata_invalid(string name) =>
        Assert.Equal(PageStatus.InvalidMetadata, new PageReader().Read(new MemoryPage(Pages.Version2(Pages.Metadata((name, Float)), 0))));

    [Fact]
    public void Texts_have_longest_lengths()
    {
        foreach (var (keys, name) in new[]
        {
            (Float, new string('n', ReportedSource.MaxNameLength)),
            ($"{Float},\"units\":\"{new string('u', ReportedSource.MaxUnitsLength)}\"", "a"),
            ($"{Float},\"description\":\"{new string('d', ReportedSource.MaxDescriptionLength)}\"", "a"),
            ($"{Float},\"incarnation\":\"{new string('i', ReportedSource.MaxIncarnationLength)}\"", "a"),
        })
        {
            string metadata = Pages.Metadata((name, keys));
            Assert.Equal(PageStatus.Ok, new PageReader().Read(new MemoryPage(Pages.Version2(metadata, 0))));

            string tooLong = metadata.Replace("nnn", "nnnn", StringComparison.Ordinal)
                .Replace("uuu", "uuuu", StringComparison.Ordinal)
                .Replace("ddd", "dddd", StringComparison.Ordinal)
                .Replace("iii", "iiii", StringComparison.Ordinal);
            Assert.Equal(PageStatus.InvalidMetadata, new PageReader().Read(new MemoryPage(Pages.Version2(tooLong, 0))));
        }
    }

    [Fact]
    public void Texts_may_be_escaped_letter_by_letter()
    {
        string Escaped(string text) => string.Concat(text.Select(c => $"\\u{(int)c:x4}"));
        string name = new('°', ReportedSource.MaxNameLength);
        string description = new('d', ReportedSource.MaxDescriptionLength);
        string keys = $"\"{Escaped("value_type")}\":\"{Escaped("int64")}\",\"{Escaped("owner")}\":\"{Escaped("vm ABC")}\",\"min\":\"{Escaped("-1.5")}\"," +
            $"\"description\":\"{Escaped(description)}\",\"units\":5";

        Assert.Equal(
            [new ReportedSource(name) { IsInteger = true, Owner = new(OwnerKind.Vm, "abc"), Min = -1.5, Description = description, Units = "5" }],
            Read(Pages.Version2(Pages.Metadata((Escaped(name), keys)), 0)).Sources);
    }

    [Fact]
    public void Name_of_an_ignored_key_must_be_utf_8_too()
    {
        byte[] metadata = Encoding.Latin1.GetBytes(Pages.Metadata(("a", $"{Float},\"°\":1")));

        Assert.Equal(PageStatus.InvalidMetadata, new PageReader().Read(new MemoryPage(Pages.Version2(Pages.Bits(Pages.Time), metadata, 0))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"datasources\":[]}")]
    [InlineData("{\"datasources\":null}")]
    [InlineData("{\"data_sources\":{}}")]
    [InlineData("{\"datasources\":{\"a\":1}}")]
    [InlineData("{\"datasources\":{}} {}")]
    [InlineData("{\"datasources\":{}}x")]
    [InlineData("{\"datasources\":{},}")]
    public void Json_of_another_shape_is_invalid(string metadata) =>
        Assert.Equal(PageStatus.InvalidMetadata, new PageReader().Read(new MemoryPage(Pages.Version2(metadata))));

    [Fact]
    public void Text_that_is_no_utf_8_is_invalid()
    {
        byte[] metadata = Encoding.Latin1.GetBytes(Pages.Metadata(("a", $"{Float},\"units\":\"°C\"")));

        Assert.Equal(PageStatus.InvalidMetadata, new PageReader().Read(new MemoryPage(Pages.Version2(Pages.Bits(Pages.Time), metadata, 0))));
    }

    [Fact]
    public void Metadata_and_values_must_be_as_many()
    {
        string metadata = Pages.Metadata(("a", Float), ("b", Float));
        var reader = new PageReader();

        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(new MemoryPage(Pages.Version2(metadata, 1))));
        Assert.Equal("2 data sources in the metadata, 1 values on the page", reader.Detail);
        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(new MemoryPage(Pages.Version2(metadata, 1))));
        Assert.Equal("2 data sources in the metadata, 1 values on the page", reader.Detail);
        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(new MemoryPage(Pages.Version2(metadata, 1, 2, 3))));
        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version2(metadata, 1, 2))));
    }

    private static ReportedSource Source(string keys) => Assert.Single(Read(Pages.Version2(Pages.Metadata(("a", keys)), 0)).Sources);

    private static MemoryPage Page(string keys) => new(Pages.Version2(Pages.Metadata(("a", keys)), 0));

    private static PageReader Read(byte[] page)
    {
        var reader = new PageReader();
        var status = reader.Read(new MemoryPage(page));
        Assert.True(status == PageStatus.Ok, $"{status}: {reader.Detail}");
        return reader;
    }
}
