using System.Text.RegularExpressions;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>The examples of docs/formats are what is written.</summary>
public sealed class DocumentationTests
{
    [Fact]
    public async Task Example_of_rrd_xml_is_written_and_read()
    {
        string example = Assert.Single(Repository.Examples("rrd-xml.md"));

        Assert.Equal(example, await Example().XmlAsync());
        var read = Documents.Read(example);
        Assert.Equal(new DataSource("a<b&c", DataSourceType.Gauge, -40), Assert.Single(read.DataSources));
        Assert.Equal([double.NaN, 21.5], RrdXmlReaderTests.Column(read, 0));
    }

    [Fact]
    public async Task Example_of_rrd_json_is_written() =>
        Assert.Equal(Assert.Single(Repository.Examples("rrd-json.md")), await Example().JsonAsync());

    [Fact]
    public async Task Examples_of_rrd_updates_are_written()
    {
        var xport = Documents.Export(new XportQuery((long)Documents.Now - 6), ("host:H", Example()));

        string[] written = [await xport.XmlAsync(), await xport.JsonAsync()];

        Assert.Equal(Repository.Examples("rrd-updates.md"), written);
    }

    [Fact]
    public async Task Example_of_open_metrics_is_written() => Assert.Equal(
        Assert.Single(Repository.Examples("openmetrics.md")) + "\n",
        await Documents.TextAsync(p => new OpenMetricsWriter().WriteAsync(GoldenTests.Metrics, p, default)));

    [Theory]
    [InlineData("rrd-xml.md")]
    [InlineData("rrd-json.md")]
    [InlineData("rrd-updates.md")]
    [InlineData("openmetrics.md")]
    public void Page_names_code_that_is_there(string page)
    {
        string code = File.ReadLines(Path.Combine(Repository.Root, "docs", "formats", page)).Single(l => l.StartsWith("Code: ", StringComparison.Ordinal));

        Assert.All(Regex.Matches(code, @"(\w+\.cs)`"), file => Assert.True(
            File.Exists(Path.Combine(Repository.Root, "agent", "CollectorAgent.Rrd.Formats", file.Groups[1].Value)), file.Value));
    }

    private static RoundRobinDatabase Example()
    {
        var layout = new ArchiveLayout(5, [new(ConsolidationFunction.Average, 1, 2, 0.5)]);
        var tile = new Tile(layout, [new("a<b&c", DataSourceType.Gauge, -40)], layout.StepEndedAt(Documents.Now) - 1);
        tile.Take(Documents.Now, 21.5);
        return Documents.Database(layout, tile);
    }
}
