namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>The documents that readers in the field were written against, rebuilt from the same values.</summary>
public sealed class ReferenceSampleTests
{
    private const double Time = 1700000016.25;

    /// <summary>The values of the sample are those of its floats.</summary>
    private static readonly double Share = 0.4f;

    private static readonly double Tiny = 9.99999974737875e-06;

    [Fact]
    public async Task Xml_for_readers() => Assert.Equal(
        """
        <?xml version="1.0" encoding="UTF-8"?>

        """
        + "<rrd><version>0003</version><step>5</step><lastupdate>1700000016</lastupdate>"
        + "<ds><name>temp</name><type>GAUGE</type><minimal_heartbeat>300</minimal_heartbeat><min>0.0</min><max>Infinity</max>"
        + "<last_ds>1e-05</last_ds><value>1e-05</value><unknown_sec>0</unknown_sec></ds>"
        + "<ds><name>a&lt;b&amp;c</name><type>DERIVE</type><minimal_heartbeat>300</minimal_heartbeat><min>0.0</min><max>1</max>"
        + "<last_ds>4</last_ds><value>0.5</value><unknown_sec>0</unknown_sec></ds>"
        + "<rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><params><xff>0.5</xff></params><cdp_prep>"
        + "<ds><primary_value>0.0</primary_value><secondary_value>0.0</secondary_value><value>0.0</value>"
        + "<unknown_datapoints>0</unknown_datapoints></ds>"
        + "<ds><primary_value>0.0</primary_value><secondary_value>0.0</secondary_value><value>0.0</value>"
        + "<unknown_datapoints>0</unknown_datapoints></ds></cdp_prep>"
        + "<database><row><v>21.5</v><v>0.400000005960464</v></row><row><v>9.99999974737875e-06</v><v>0.400000005960464</v></row>"
        + "</database></rra></rrd>",
        await Sample().XmlAsync());

    [Fact]
    public async Task Xml_for_archives_has_the_time_of_each_data_source()
    {
        string text = await Sample().XmlAsync(RrdForm.Internal);

        Assert.Contains(
            "<unknown_sec>0.0</unknown_sec><last_updated>1700000016.25</last_updated></ds><ds><name>a&lt;b&amp;c</name>", text, StringComparison.Ordinal);
        Assert.Contains("<lastupdate>1700000016</lastupdate>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json() => Assert.Equal(
        """
        {"version":"0003","step":"5","lastupdate":"1700000016.25","ds":[
        {"name":"temp","type":"GAUGE","minimal_heartbeat":"300","min":"0.0","max":"Infinity",
        "last_ds":"1e-05","value":"1e-05","unknown_sec":"0.0","last_updated":"1700000016.25"},
        {"name":"a<b&c","type":"DERIVE","minimal_heartbeat":"300","min":"0.0","max":"1",
        "last_ds":"4","value":"0.5","unknown_sec":"0.0","last_updated":"1700000016.25"}],
        "rra":[{"cf":"AVERAGE","pdp_per_row":"1","params":{"xff":"0.5"},"cdp_prep":{"ds":[
        {"primary_value":"0.0","secondary_value":"0.0","value":"0.0","unknown_datapoints":"0"},
        {"primary_value":"0.0","secondary_value":"0.0","value":"0.0","unknown_datapoints":"0"}]},
        "database":[["21.5","0.400000005960464"],["9.99999974737875e-06","0.400000005960464"]]}]}
        """.Replace("\n", "", StringComparison.Ordinal),
        await Sample().JsonAsync());

    [Fact]
    public async Task Rows_in_xml() => Assert.Equal(
        """
        <?xml version="1.0" encoding="UTF-8"?>

        """
        + "<xport><meta><start>1700000015</start><step>5</step><end>1700000015</end><rows>2</rows><columns>2</columns>"
        + "<legend><entry>AVERAGE:host:H:temp</entry><entry>AVERAGE:host:H:a&lt;b&amp;c</entry></legend></meta>"
        + "<data><row><t>1700000015</t><v>9.99999974737875e-06</v><v>0.400000005960464</v></row>"
        + "<row><t>1700000010</t><v>21.5</v><v>0.400000005960464</v></row></data></xport>",
        await Documents.Export(new XportQuery(1700000010), ("host:H", Sample())).XmlAsync());

    [Fact]
    public async Task Rows_in_json() => Assert.Equal(
        """
        {"meta":{"start":"1700000015","step":"5","end":"1700000015","rows":"2","columns":"2",
        "legend":["AVERAGE:host:H:temp","AVERAGE:host:H:a<b&c"]},
        "data":[{"t":"1700000015","values":["9.99999974737875e-06","0.400000005960464"]},
        {"t":"1700000010","values":["21.5","0.400000005960464"]}]}
        """.Replace("\n", "", StringComparison.Ordinal),
        await Documents.Export(new XportQuery(1700000010), ("host:H", Sample())).JsonAsync());

    private static RoundRobinDatabase Sample()
    {
        var layout = new ArchiveLayout(5, [new(ConsolidationFunction.Average, 1, 2, 0.5)]);
        var tile = new Tile(
            layout,
            [new("temp", DataSourceType.Gauge, 0), new("a<b&c", DataSourceType.Derive, 0, 1) { IsInteger = true }],
            layout.StepEndedAt(Time));
        tile.RestoreSample(Time, [new PdpScratch(Documents.Bits(1e-5), 1e-5, 0), new PdpScratch(4, 0.5, 0)]);
        long newest = tile.NewestRow(0);
        tile.RestoreRow(0, newest - 1, [21.5, Share]);
        tile.RestoreRow(0, newest, [Tiny, Share]);
        return Documents.Database(layout, tile);
    }
}
