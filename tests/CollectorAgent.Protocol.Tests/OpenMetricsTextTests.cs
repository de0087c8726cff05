using System.Runtime.CompilerServices;

namespace CollectorAgent.Protocol.Tests;

/// <summary>What the text of metrics becomes.</summary>
public sealed class OpenMetricsTextTests
{
    private const string Vm = "5b7a1c1e-0000-4000-8000-000000000001";

    [Theory]
    [InlineData("a 1", "a Gauge '' 1")]
    [InlineData("# TYPE a gauge\na -1.5e3", "a Gauge '' -1500")]
    [InlineData("# TYPE a unknown\na +Inf", "a Gauge '' Infinity")]
    [InlineData("# TYPE a_s gauge\n# UNIT a_s s\na_s nan", "a_s Gauge 's' NaN")]
    [InlineData("# TYPE a counter\n# UNIT a bytes\na_total 7\na_created 5", "a_total Derive 'bytes/s' 7")]
    [InlineData("# TYPE a stateset\na{a=\"x\"} 1\na{a=\"y\"} 0", "a{a=x} Gauge '' 1; a{a=y} Gauge '' 0")]
    [InlineData(
        "# TYPE a histogram\n# UNIT a s\na_bucket{le=\"0.5\"} 1\na_bucket{le=\"+Inf\"} 2\na_count 2\na_sum 1.5\na_created 9",
        "a_bucket{le=0.5} Derive '' 1; a_bucket{le=+Inf} Derive '' 2; a_count Derive '' 2; a_sum Derive 's/s' 1.5")]
    [InlineData(
        "# TYPE a gaugehistogram\n# UNIT a s\na_bucket{le=\"+Inf\"} 2\na_gcount 2\na_gsum 1.5",
        "a_bucket{le=+Inf} Gauge '' 2; a_gcount Gauge '' 2; a_gsum Gauge 's' 1.5")]
    [InlineData(
        "# TYPE a summary\n# UNIT a s\na{quantile=\"0.5\"} 3\na_count 2\na_sum 1.5\na_created 9",
        "a{quantile=0.5} Gauge 's' 3; a_count Derive '' 2; a_sum Derive 's/s' 1.5")]
    public void Family_becomes_data_sources(string text, string expected)
    {
        var reader = Read(text + "\n# EOF\n");

        Assert.Equal(expected, string.Join("; ", reader.Sources.Select((s, i) =>
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{s.Name} {s.Type} '{s.Units}' {Values(reader)[i]}"))));
        Assert.All(reader.Sources, s => Assert.True(s.IsDefault && !s.IsInteger));
        Assert.All(reader.Sources, s => Assert.Equal(s.Type == ReportedType.Derive ? 0 : double.NegativeInfinity, s.Min));
        Assert.Empty(reader.LeftOut);
    }

    [Theory]
    [InlineData("a{z=\"1\",b=\"2\"} 1", "a{b=2,z=1}")]
    [InlineData("a{} 1", "a")]
    [InlineData("a{b=\"\"} 1", "a")]
    [InlineData("""a{b="%,{}=:\"\\\n"} 1""", """a{b=%25%2C%7B%7D%3D%3A%22\%0A}""")]
    [InlineData("a{b=\"\t\u0085\u007f x\\y'/&<μ🌡\"} 1", "a{b=%09%C2%85%7F x\\y'/&<μ🌡}")]
    [InlineData("a:b:c 1", "a%3Ab%3Ac")]
    public void Labels_are_part_of_the_name(string text, string name) => Assert.Equal(name, Read(text + "\n# EOF").Sources[0].Name);

    [Fact]
    public void Label_owner_says_whom_the_series_describes()
    {
        var reader = Read($"a{{owner=\"vm {Vm}\",b=\"1\"}} 1\na{{owner=\"SR {Vm}\",b=\"1\"}} 2\na{{owner=\"host\"}} 3\na{{b=\"1\"}} 4\n# EOF\n");

        Assert.Equal(["a{b=1}", "a{b=1}", "a", "a{b=1}"], reader.Sources.Select(s => s.Name));
        Assert.Equal([new(OwnerKind.Vm, Vm), new(OwnerKind.Sr, Vm), Owner.Host, Owner.Host], reader.Sources.Select(s => s.Owner));
    }

    [Fact]
    public void Help_and_unit_describe_the_data_sources_of_their_family_alone()
    {
        var reader = Read("# HELP a_s Says \\\"so\\\",\\nand \\\\ more \\x.\n# UNIT a_s s\n# TYPE a_s gauge\na_s 1\nb 2\n# EOF\n");

        Assert.Equal(("Says \"so\",\nand \\ more \\x.", "s"), (reader.Sources[0].Description, reader.Sources[0].Units));
        Assert.Equal(("", ""), (reader.Sources[1].Description, reader.Sources[1].Units));
        Assert.True(reader.TryReadText("a_s 1\n# EOF"u8));
        Assert.Equal(("", ""), (reader.Sources[0].Description, reader.Sources[0].Units));
    }

    [Theory]
    [InlineData("\n# a comment\n#\na 1\n\n# EOF\n", "a")]
    [InlineData("  a\t{ b = \"c\" , }  1   1700000000000  \n# EOF", "a{b=c}")]
    [InlineData("# TYPE a_total counter\na_total 1\n# EOF", "a_total")]
    [InlineData("# TYPE a counter\na 1\n# EOF", "a")]
    [InlineData("# HELP a\n# TYPE a untyped\na 1\n# EOF", "a")]
    [InlineData("# TYPE a_created gauge\na_created 1\n# EOF", "a_created")]
    [InlineData("a 1 1.5 # {} 2 3\n# EOF", "a")]
    public void Text_of_before_OpenMetrics_is_read_where_it_is_clear(string text, string name) => Assert.Equal(name, Read(text).Sources.Single().Name);

    [Fact]
    public void Lines_without_an_end_are_read_if_the_caller_says_so()
    {
        var reader = new OpenMetricsReader();

        Assert.False(reader.TryReadText("a 1\n"u8));
        Assert.Equal("no '# EOF' at the end", reader.Detail);
        Assert.True(reader.TryReadText("a 1\nb 2"u8, hasEnd: false));
        Assert.Equal([1, 2], Values(reader));
        Assert.True(reader.TryReadText("a 3\n# EOF"u8, hasEnd: false));
        Assert.Equal([3], Values(reader));
        Assert.Empty(reader.Detail);
    }

    [Theory]
    [InlineData("", "no '# EOF' at the end")]
    [InlineData("a 1\n# EOF\nb 1", "line 3: text behind '# EOF'")]
    [InlineData("# EOF x", "line 1: text behind '# EOF'")]
    [InlineData("# EOF\n\n", "line 2: text behind '# EOF'")]
    [InlineData("a\n# EOF", "line 1: no value behind the name")]
    [InlineData("a \n# EOF", "line 1: '' is no number: the value")]
    [InlineData("a 1_0\n# EOF", "line 1: '1_0' is no number: the value")]
    [InlineData("a 0x1\n# EOF", "line 1: '0x1' is no number: the value")]
    [InlineData("a 1e\n# EOF", "line 1: '1e' is no number: the value")]
    [InlineData("a 1 x\n# EOF", "line 1: 'x' is no number: the time stamp")]
    [InlineData("a 1 1 1\n# EOF", "line 1: text behind the time stamp")]
    [InlineData("a 1 # x\n# EOF", "line 1: an exemplar without labels")]
    [InlineData("a 1 # {} x\n# EOF", "line 1: 'x' is no number: the value of the exemplar")]
    [InlineData("a 1 # {} 1 1 1\n# EOF", "line 1: text behind the exemplar")]
    [InlineData("1 1\n# EOF", "line 1: it begins neither with # nor with a name")]
    [InlineData("a-b 1\n# EOF", "line 1: no value behind the name")]
    [InlineData("a{\"b\"} 1\n# EOF", "line 1: a label without a name")]
    [InlineData("a{b:c=\"d\"} 1\n# EOF", "line 1: no = behind the name of a label")]
    [InlineData("a{b=c} 1\n# EOF", "line 1: the value of a label does not begin with a quote")]
    [InlineData("a{b=\"c\n\"} 1\n# EOF", "line 1: the value of a label does not end")]
    [InlineData("a{b=\"c\\\"} 1\n# EOF", "line 1: the value of a label does not end")]
    [InlineData("a{b=\"c\\", "line 1: the value of a label does not end")]
    [InlineData("a{b=\"c\" d=\"e\"} 1\n# EOF", "line 1: neither a comma nor } behind a label")]
    [InlineData("a{b=\"c\"", "line 1: neither a comma nor } behind a label")]
    [InlineData("a{b=\"c\",b=\"d\"} 1\n# EOF", "the label b stands twice in one series")]
    [InlineData("a{owner=\"host\",owner=\"host\"} 1\n# EOF", "the label owner stands twice in one series")]
    [InlineData("# TYPE a gauge \u001bx\n# EOF", "line 1: text behind 'gauge'")]
    [InlineData("# TYPE a g\u001b\n# EOF", "line 1: 'g?' is no type")]
    [InlineData("# TYPE a-b gauge\n# EOF", "'a-b' is no name of a metric")]
    [InlineData("# TYPE\n# EOF", "'' is no name of a metric")]
    [InlineData("# TYPE a gauge\n# TYPE a counter\n# EOF", "line 2: family a is described twice in different words, or after its samples")]
    [InlineData("# HELP a one\na 1\n# HELP a two\n# EOF", "line 3: family a is described twice in different words, or after its samples")]
    [InlineData("# HELP a one\na 1\nb 1\n# HELP a one\n# EOF", "family a stands in two places")]
    [InlineData("a 1\n# TYPE a gauge\n# EOF", "line 2: family a is described twice in different words, or after its samples")]
    [InlineData("a{b=\"1\"} 1\nb 1\na{b=\"2\"} 1\n# EOF", "family a stands in two places")]
    [InlineData("# TYPE a counter\n# TYPE b gauge\na_total 1\nb 1\n# EOF", "line 3: a_total stands apart from its family")]
    public void Broken_text_is_refused_and_says_where(string text, string detail)
    {
        var reader = Read("a 1\n# EOF");
        var sources = reader.Sources;

        Assert.False(reader.TryReadText(Pages.Bytes(text)));
        Assert.Equal(detail, reader.Detail);
        Assert.Same(sources, reader.Sources);
        Assert.Equal([1], Values(reader));
    }

    [Fact]
    public void Text_that_is_no_utf8_is_refused()
    {
        var reader = new OpenMetricsReader();

        Assert.False(reader.TryReadText([.. "a{b=\""u8, 0xff, .. "\"} 1\n# EOF"u8]));
        Assert.Equal("the text is no UTF-8", reader.Detail);
    }

    [Theory]
    [InlineData("# TYPE a info\na_info{v=\"1\"} 1\na_info{v=\"2\"} 1", "family a: info has no number")]
    [InlineData("a{owner=\"vm \"} 1", "series a: its owner is neither host nor a vm or sr with a uuid")]
    [InlineData("a{owner=\"vm ../x\",b=\"c\"} 1", "series a{b=c}: its owner is neither host nor a vm or sr with a uuid")]
    [InlineData("a{b=\"1\"} 1\na{b=\"1\",c=\"\"} 2", "series a{b=1}: it stands here twice; the first counts")]
    [InlineData("# TYPE a histogram\na_bucket 1", "series a_bucket: it lacks the label le")]
    [InlineData("# TYPE a summary\na 1", "series a: it lacks the label quantile")]
    [InlineData("# TYPE a stateset\na{b=\"x\"} 1", "series a{b=x}: it lacks the label that names the state")]
    public void What_has_no_place_is_left_out_with_the_reason(string text, string reason)
    {
        var reader = Read("other 5\n" + text + "\nlast 7\n# EOF");

        Assert.Equal([reason], reader.LeftOut);
        Assert.Equal("other", reader.Sources[0].Name);
        Assert.Equal("last", reader.Sources[^1].Name);
        Assert.Equal((5, 7), (Values(reader)[0], Values(reader)[^1]));
        Assert.Equal(text.Contains("} 2", StringComparison.Ordinal) ? 3 : 2, reader.Sources.Count);
    }

    [Fact]
    public void What_is_too_long_is_left_out_with_the_reason()
    {
        string name = new('n', ReportedSource.MaxNameLength);
        string help = new('h', ReportedSource.MaxDescriptionLength);
        string labels = string.Join(',', Enumerable.Range(0, SeriesLabels.MaxLabels).Select(i => $"l{i}=\"\\\\\""));
        string text = $$"""
            # HELP {{name}} {{help}}
            # UNIT {{name}} {{new string('u', 62)}}
            {{name}} 1
            # HELP b {{help}}h
            # UNIT b {{new string('u', 63)}}
            b 2
            {{name}}n 3
            c{l="{{new string('c', 251)}}"} 4
            c{l="{{new string('c', 250)}}"} 5
            d{{{labels}},x="1"} 6
            e{l="{{new string('e', SeriesLabels.MaxBytes)}}"} 7
            f 8
            # EOF
            """;

        var reader = Read(text);

        Assert.Equal([1, 2, 5, 8], Values(reader));
        Assert.Equal(help, reader.Sources[0].Description);
        Assert.Equal(62, reader.Sources[0].Units.Length);
        Assert.Equal(("", ""), (reader.Sources[1].Description, reader.Sources[1].Units));
        Assert.Equal(ReportedSource.MaxNameLength, reader.Sources[2].Name.Length);
        Assert.Equal(
            [
                "family b: its help is longer than 4096 characters; only the help is left out",
                "family b: its unit is longer than 62 characters; only the unit is left out",
                $"family {name[..64]}…: its name is longer than 255 characters",
                $"series c{{l={new string('c', 251)}: its name is longer than 255 characters",
                "d", "e",
            ],
            reader.LeftOut.Select(l => l.EndsWith("it has more than 64 labels, or more than 4096 bytes of them", StringComparison.Ordinal) ? l[7..8] : l));
    }

    [Fact]
    public void Data_sources_beyond_the_limit_are_left_out_and_the_first_hundred_named()
    {
        var reader = Read(string.Concat(Enumerable.Range(0, PageReader.MaxSources + 150).Select(i => $"a{{i=\"{i}\"}} {i}\n")) + "# EOF\n");

        Assert.Equal(PageReader.MaxSources, reader.Sources.Count);
        Assert.Equal(101, reader.LeftOut.Count);
        Assert.Equal("series a{i=32768}: it is beyond 32768 data sources", reader.LeftOut[0]);
        Assert.Equal("50 more", reader.LeftOut[^1]);
    }

    [Fact]
    public void More_families_than_there_may_be_are_refused()
    {
        var reader = new OpenMetricsReader();

        Assert.False(reader.TryReadText(Pages.Bytes(string.Concat(Enumerable.Range(0, MetricSources.MaxFamilies + 1).Select(i => $"a{i} 1\n")) + "# EOF\n")));
        Assert.Equal("more than 32768 families", reader.Detail);
    }

    [Fact]
    public void Family_that_is_gone_is_forgotten()
    {
        var sources = new MetricSources();
        sources.Begin([]);
        var gone = Begin(sources, "gone");
        var stays = Begin(sources, "stays");
        for (int reading = 0; reading < 2; reading++)
        {
            sources.Begin([]);
            Begin(sources, "stays");
        }

        GC.Collect();

        Assert.False(gone.IsAlive);
        Assert.True(stays.IsAlive);
        GC.KeepAlive(sources);
    }

    internal static double[] Values(OpenMetricsReader reader) => [.. reader.Values.ToArray().Select(BitConverter.Int64BitsToDouble)];

    /// <summary>In a method of its own, so that no local keeps the family alive.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Begin(MetricSources sources, string family) => new(sources.BeginFamily(Pages.Bytes(family)));

    private static OpenMetricsReader Read(string text)
    {
        var reader = new OpenMetricsReader();
        Assert.True(reader.TryReadText(Pages.Bytes(text)), reader.Detail);
        return reader;
    }
}
