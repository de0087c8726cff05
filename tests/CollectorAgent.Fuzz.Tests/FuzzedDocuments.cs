using System.IO.Pipelines;
using System.Text;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.TestKit;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>What documents of RRDs are made of, and what an RRD that was read must be good for.</summary>
internal static class FuzzedDocuments
{
    public static readonly string[] Words =
    [
        "<row><v>1</v></row>", "<v>NaN</v>", "<row/>", "<ds>", "</ds>", "<rra>", "</rra>", "<cdp_prep>", "<database>", "<params>",
        "<cf>MIN</cf>",
        "<cf>HWPREDICT</cf>", "<type>COMPUTE</type>", "<type>DDERIVE</type>", "<cdef>a,b,+</cdef>", "<pdp_per_row>", "<xff>", "<step>",
        "<lastupdate>",
        "<last_ds>", "<value>", "<unknown_sec>", "<last_updated>", "<unknown_datapoints>", "<minimal_heartbeat>", "<!-- -->", " U ",
    ];

    // As rrdtool dumps it.
    private const string Dump = """
        <?xml version="1.0" encoding="utf-8"?>
        <!DOCTYPE rrd SYSTEM "https://oss.oetiker.ch/rrdtool/rrdtool.dtd">
        <!-- Round Robin Database Dump -->
        <rrd>
          <version>0003</version>
          <step>5</step> <!-- Seconds -->
          <lastupdate>1700000016</lastupdate> <!-- 2023-11-14 22:13:36 UTC -->
          <ds><name> a </name><type> DCOUNTER </type><minimal_heartbeat>300</minimal_heartbeat><min>0.0e+00</min><max>NaN</max>
            <!-- PDP Status --><last_ds>17.5</last_ds><value>1.5e+00</value><unknown_sec> 0 </unknown_sec></ds>
          <ds><name> b </name><type> COMPUTE </type><cdef>a,2,*</cdef><last_ds>U</last_ds><value>0</value><unknown_sec> 0 </unknown_sec></ds>
          <rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><params><xff>5.0e-01</xff></params>
            <cdp_prep>
              <ds><primary_value>1</primary_value><secondary_value>0</secondary_value><value>NaN</value><unknown_datapoints>0</unknown_datapoints></ds>
              <ds><primary_value>2</primary_value><secondary_value>0</secondary_value><value>NaN</value><unknown_datapoints>0</unknown_datapoints></ds>
            </cdp_prep>
            <database><!-- 2023 --><row><v>1.0e+00</v><v>2.0e+00</v></row><row><v>NaN</v><v>NaN</v></row></database></rra>
          <rra><cf>HWPREDICT</cf><pdp_per_row>1</pdp_per_row><params><hw_alpha>0.1</hw_alpha><dependent_rra_idx>2</dependent_rra_idx></params>
            <cdp_prep><ds><value>1</value><intercept>NaN</intercept><null_count>1</null_count></ds></cdp_prep><database></database></rra>
        </rrd>
        """;

    public static IEnumerable<byte[]> Seeds() =>
    [
        File.ReadAllBytes(Repository.PathOf("tests/golden/rrd-internal.xml")),
        File.ReadAllBytes(Repository.PathOf("tests/golden/rrd-external.xml")),
        Encoding.UTF8.GetBytes(Dump),
        Written([new DataSource("one", DataSourceType.Gauge)]),
    ];

    /// <summary>What was read can be written, and read again with the same data sources.</summary>
    public static void AssertReadable(RoundRobinDatabase rrd)
    {
        var snapshot = rrd.Snapshot();
        Assert.Null(RrdXmlReader.WhyUnreadable(snapshot));
        // An RRD of many rows is long in text; whether it can be read again does not hang on how many they are.
        if (snapshot.Columns * snapshot.Layout.Rras.Sum(r => (long)r.Rows) < 10_000)
        {
            var again = RrdXmlReader.Read(new MemoryStream(Written(snapshot)));
            Assert.Equal(Names(rrd), Names(again));
            Assert.Equal(rrd.LastStep, again.LastStep);
        }
    }

    private static IEnumerable<string> Names(RoundRobinDatabase rrd) => rrd.DataSources.Select(d => d.Name).Order(StringComparer.Ordinal);

    private static byte[] Written(IEnumerable<DataSource> sources)
    {
        var layout = new ArchiveLayout(5, [new(ConsolidationFunction.Average, 1, 4, 0.5), new(ConsolidationFunction.Max, 3, 2, 0.5)]);
        var rrd = new RoundRobinDatabase(layout);
        rrd.Add(new Tile(layout, [.. sources], 340_000_000));
        return Written(rrd.Snapshot());
    }

    private static byte[] Written(RrdSnapshot rrd)
    {
        using var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        var writing = RrdXmlWriter.WriteAsync(rrd, RrdForm.Internal, pipe, CancellationToken.None);
        // Nothing waits where everything is in memory.
        Assert.True(writing.IsCompleted);
        writing.GetAwaiter().GetResult();
        pipe.Complete();
        return stream.ToArray();
    }
}
