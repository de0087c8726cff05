namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>Documents as others write them, and have written them.</summary>
public sealed class RrdXmlReaderTests
{
    private const string Old = """
        <?xml version="1.0"?>
        <rrd>
          <version>0003</version><step>5</step><lastupdate>1213578000</lastupdate>
          <ds><name>flip</name><type>GAUGE</type><minimal_heartbeat>300.0000</minimal_heartbeat><min>0.0000</min><max>inf</max>
            <last_ds>300.0000</last_ds><value>0.5000</value><unknown_sec>0</unknown_sec></ds>
          <ds><name>flop</name><type>DERIVE</type><minimal_heartbeat>300.0000</minimal_heartbeat><min>-inf</min><max>Infinity</max>
            <last_ds>42</last_ds><value>nan</value><unknown_sec>0</unknown_sec></ds>
          <rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><params><xff>0.5000</xff></params>
            <cdp_prep>
              <ds><primary_value>0.0000</primary_value><secondary_value>0.0000</secondary_value><value>0.0000</value>
                <unknown_datapoints>0</unknown_datapoints></ds>
              <ds><primary_value>0.0000</primary_value><secondary_value>0.0000</secondary_value><value>nan</value>
                <unknown_datapoints>0</unknown_datapoints></ds>
            </cdp_prep>
            <database>
              <row><v>1.5000</v><v>nan</v></row>
              <row><v>NaN</v><v>-2.2500</v></row>
              <row><v>300.0000</v><v>-inf</v></row>
            </database></rra>
        </rrd>
        """;

    [Fact]
    public void Four_decimals_and_every_spelling_of_nothing_are_read()
    {
        var rrd = Documents.Read(Old);

        Assert.Equal(new DataSource("flip", DataSourceType.Gauge, 0), rrd.DataSources.First());
        Assert.Equal(double.NegativeInfinity, rrd.DataSources.Last().Min);
        Assert.Equal(new RraDefinition(ConsolidationFunction.Average, 1, 3, 0.5), Assert.Single(rrd.Layout.Rras));
        Assert.Equal(1213578000, rrd.LastUpdated);
        Assert.Equal([1.5, double.NaN, 300], Column(rrd, 0));
        Assert.Equal([double.NaN, -2.25, double.NaN], Column(rrd, 1));
    }

    [Fact]
    public void Document_without_sample_times_is_read_and_measures_no_interval_over_the_gap()
    {
        var rrd = Documents.Read(Old);

        Assert.All(rrd.Tiles, t => Assert.Equal(double.NaN, t.LastSampleTime));
        rrd.Tiles[0].Update(1213578005, [Documents.Bits(1), 47], [true, true]);
        Assert.Equal([1, double.NaN], [Column(rrd, 0)[^1], Column(rrd, 1)[^1]]);
    }

    [Fact]
    public void Of_a_repeated_data_source_the_later_one_counts()
    {
        var rrd = Documents.Read(Old.Replace("flop", "flip", StringComparison.Ordinal));

        Assert.Equal(DataSourceType.Derive, Assert.Single(rrd.DataSources).Type);
        Assert.Equal([double.NaN, -2.25, double.NaN], Column(rrd, 0));
    }

    [Fact]
    public async Task Colon_in_a_name_is_a_slash_in_every_document()
    {
        var rrd = Documents.Read(Old.Replace("flop", "gpu_0000:08:00.0_temp", StringComparison.Ordinal));

        Assert.Equal(["flip", "gpu_0000/08/00.0_temp"], rrd.DataSources.Select(d => d.Name));
        Assert.NotNull(rrd.Find("gpu_0000/08/00.0_temp"));
        string updates = await Documents.Export(new XportQuery(1213577990), ("host:H", rrd)).JsonAsync();
        Assert.Contains("\"AVERAGE:host:H:gpu_0000/08/00.0_temp\"", updates, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a:b", "a/b", new[] { 1.5, -2.25, 300 })]
    [InlineData("a/b", "a:b", new[] { 1.5, -2.25, 300 })]
    public void Two_names_that_become_one_are_one_that_knows_what_either_knew(string first, string second, double[] expected)
    {
        var rrd = Documents.Read(
            Old.Replace("flip", first, StringComparison.Ordinal).Replace("flop", second, StringComparison.Ordinal)
                .Replace("<v>300.0000</v><v>-inf</v>", "<v>300.0000</v><v>NaN</v>", StringComparison.Ordinal));

        Assert.Equal("a/b", Assert.Single(rrd.DataSources).Name);
        Assert.Equal(DataSourceType.Derive, rrd.DataSources.Single().Type);
        Assert.Equal(expected, Column(rrd, 0));
    }

    [Fact]
    public async Task Sample_of_an_older_agent_is_read()
    {
        var rrd = Documents.Read(
            "<rrd><version>0003</version><step>5</step><lastupdate>1700000016</lastupdate>"
            + Source("temp", "GAUGE", "Infinity", "1e-05", "1e-05") + Source("a&lt;b&amp;c", "DERIVE", "1", "4", "0.5")
            + "<rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><params><xff>0.5</xff></params><cdp_prep>" + Prep + Prep + "</cdp_prep>"
            + "<database><row><v>21.5</v><v>0.400000005960464</v></row><row><v>9.99999974737875e-06</v><v>0.400000005960464</v></row>"
            + "</database></rra></rrd>");

        Assert.Equal(["temp", "a<b&c"], rrd.DataSources.Select(d => d.Name));
        Assert.Equal(1700000016.25, rrd.Tiles[0].LastSampleTime);
        Assert.Equal(new PdpScratch(4, 0.5, 0), rrd.Tiles[0].Scratch(1));
        Assert.Equal([21.5, 9.99999974737875e-06], Column(rrd, 0));
        Assert.Equal(
            """{"t":"1700000015","values":["9.99999974737875e-06","0.400000005960464"]}""",
            (await Documents.Export(new XportQuery(1700000011), ("host:H", rrd)).JsonAsync())[^74..^2]);
    }

    /// <summary>Older agents write 0.0 for a raw value that they do not know.</summary>
    [Fact]
    public void Zero_of_an_older_agent_is_no_raw_value()
    {
        var rrd = Documents.Read(
            "<rrd><step>5</step><lastupdate>1700000016</lastupdate>" + Source("d", "DERIVE", "Infinity", "0.0", "0.0") + "</rrd>");

        Assert.Null(rrd.Tiles[0].Scratch(0).Previous);
    }

    [Fact]
    public void Data_sources_of_different_times_become_tiles_of_their_own()
    {
        var rrd = Documents.Read("<rrd><step>5</step><lastupdate>1700000016</lastupdate>"
            + Source("a", "GAUGE", "Infinity", "1", "1")
            + Source("b", "GAUGE", "Infinity", "2", "2").Replace("16.25", "15.75", StringComparison.Ordinal)
            + Source("c", "GAUGE", "Infinity", "3", "3")
            + "<rra><cf>LAST</cf><pdp_per_row>1</pdp_per_row><xff>0.25</xff><database><row><v>1</v><v>2</v><v>3</v></row></database></rra></rrd>");

        Assert.Equal([1700000016.25, 1700000015.75], rrd.Tiles.Select(t => t.LastSampleTime));
        Assert.Equal(["a", "c", "b"], rrd.DataSources.Select(d => d.Name));
        Assert.Equal([1.0, 3, 2], Enumerable.Range(0, 3).Select(i => Column(rrd, i)[0]));
        Assert.Equal(0.25, rrd.Layout.Rras[0].Xff);
    }

    internal const string Prep =
        "<ds><primary_value>0.0</primary_value><secondary_value>0.0</secondary_value><value>0.0</value><unknown_datapoints>0</unknown_datapoints></ds>";

    internal static string Source(string name, string type, string max, string last, string value) =>
        $"<ds><name>{name}</name><type>{type}</type><minimal_heartbeat>300</minimal_heartbeat><min>0.0</min><max>{max}</max><last_ds>{last}</last_ds>"
        + $"<value>{value}</value><unknown_sec>0</unknown_sec><last_updated>1700000016.25</last_updated></ds>";

    /// <summary>The rows of the first RRA, oldest first.</summary>
    internal static double[] Column(RoundRobinDatabase rrd, int column)
    {
        var values = new double[rrd.DataSources.Count()];
        int rows = rrd.Layout.Rras[0].Rows;
        return [.. Enumerable.Range(0, rows).Select(i =>
        {
            rrd.Rows().TryCopyRow(0, rrd.LastStep / rrd.Layout.Rras[0].PdpPerCdp - rows + i, values);
            return values[column];
        })];
    }
}
