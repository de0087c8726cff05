using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>Documents that go to the real rrdtool, and documents that come from it.</summary>
public sealed class RrdtoolTests : IDisposable
{
    private const long Start = 1_700_000_040;

    /// <summary>rrdtool prints eleven significant digits.</summary>
    private const double Tolerance = 1e-10;

    private static readonly ArchiveLayout Layout = new(5,
    [
        new(ConsolidationFunction.Average, 1, 60, 0.5),
        .. new[] { 6, 12 }.SelectMany(p => Enum.GetValues<ConsolidationFunction>().Select(f => new RraDefinition(f, p, 20, 0.5))),
    ]);

    private static readonly DataSource[] Columns =
    [
        new("gauge", DataSourceType.Gauge, -40, 60),
        new("nineteen_characters", DataSourceType.Gauge),
        new("derive", DataSourceType.Derive, 0) { IsInteger = true },
        new("counter", DataSourceType.Counter, 0, 1e9) { IsInteger = true },
        new("absolute", DataSourceType.Absolute, HeartbeatSeconds: 120),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("formats-");

    public void Dispose() => _folder.Delete(recursive: true);

    [RrdtoolFact]
    public async Task Restored_document_has_the_same_values()
    {
        var ours = Filled();
        var theirs = XDocument.Parse(await RunAsync("dump", await RestoreAsync(ours))).Root!;

        Assert.Equal((long)ours.LastUpdated, (long)theirs.Element("lastupdate")!);
        Assert.Equal(Columns.Select(c => c.Name), theirs.Elements("ds").Select(d => d.Element("name")!.Value.Trim()));
        Assert.Equal(["-4.0000000000e+01", "-inf", "0.0000000000e+00", "0.0000000000e+00", "-inf"],
            theirs.Elements("ds").Select(d => d.Element("min")!.Value.Trim()));
        AssertRows(ours, theirs);
    }

    [RrdtoolFact]
    public async Task Fetch_tells_the_same_values_at_the_same_times()
    {
        var ours = Filled();
        string file = await RestoreAsync(ours);
        for (int rra = 0; rra < Layout.Rras.Count; rra++)
        {
            var definition = Layout.Rras[rra];
            long seconds = 5L * definition.PdpPerCdp;
            long end = (long)ours.LastUpdated / seconds * seconds;
            string answer = await RunAsync(
                "fetch", file, definition.Function.Name(), "-r", Text(seconds), "-s", Text(end - 10 * seconds), "-e", Text(end - seconds));
            var lines = Regex.Matches(answer, @"^(\d+): (.*)$", RegexOptions.Multiline);

            Assert.Equal(10, lines.Count);
            foreach (Match line in lines)
            {
                var expected = new double[Columns.Length];
                long time = long.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture);
                ours.Rows().TryCopyRow(rra, time / seconds - 1, expected);
                AssertClose(expected, [.. line.Groups[2].Value.Split(' ').Select(Number)], $"{definition}, {time}");
            }
        }
    }

    [RrdtoolFact]
    public async Task Dump_of_rrdtool_is_read()
    {
        string file = Path.Combine(_folder.FullName, "theirs.rrd");
        string[] sources = [.. Columns.Select(c => string.Create(
            CultureInfo.InvariantCulture,
            $"DS:{c.Name}:{c.Type.ToString().ToUpperInvariant()}:{c.HeartbeatSeconds}:{Bound(c.Min)}:{Bound(c.Max)}"))];
        string[] rras = [.. Layout.Rras.Select(r => $"RRA:{r.Function.Name()}:0.5:{r.PdpPerCdp}:{r.Rows}")];
        await RunAsync("create", [file, "--start", Text(Start), "--step", "5", .. sources, .. rras]);
        await RunAsync("update", [file, .. Enumerable.Range(1, 70).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{Start + 5 * i}:{(i % 9 == 0 ? "U" : $"{i * 0.5 - 20}")}:{1e15 / i}:{i * i * 7}:{i * 1000}:{i % 5}"))]);
        string dump = await RunAsync("dump", file);
        Assert.Contains("<!DOCTYPE", dump, StringComparison.Ordinal);
        Assert.Contains("<!--", dump, StringComparison.Ordinal);

        var ours = Documents.Read(dump);

        Assert.Equal(Columns.Select(c => (c.Name, c.Type, c.Min, c.Max, c.HeartbeatSeconds)),
            ours.DataSources.Select(c => (c.Name, c.Type, c.Min, c.Max, c.HeartbeatSeconds)));
        Assert.Equal(Layout.Rras, ours.Layout.Rras);
        Assert.Equal(Start + 350, ours.LastUpdated);
        AssertRows(ours, XDocument.Parse(dump).Root!);
    }

    private static RoundRobinDatabase Filled()
    {
        var tile = new Tile(Layout, Columns, Start / 5);
        for (int i = 1; i <= 200; i++)
        {
            tile.Update(
                Start + 5 * i + 0.25,
                [Documents.Bits(i % 90 - 35.5), Documents.Bits(1e12 / i), 17L * i * i, 123_456L * i, Documents.Bits(i % 11)],
                [i % 13 != 0, true, true, true, true]);
        }
        return Documents.Database(Layout, tile);
    }

    private async Task<string> RestoreAsync(RoundRobinDatabase rrd)
    {
        string document = Path.Combine(_folder.FullName, "ours.xml");
        string file = Path.Combine(_folder.FullName, "ours.rrd");
        await File.WriteAllTextAsync(document, await rrd.XmlAsync());
        await RunAsync("restore", document, file);
        return file;
    }

    private static Task<string> RunAsync(string verb, params string[] arguments) => Tool.RunAsync(Tool.Rrdtool, [verb, .. arguments]);

    private static void AssertRows(RoundRobinDatabase ours, XElement theirs)
    {
        var rras = theirs.Elements("rra").ToList();
        Assert.Equal(ours.Layout.Rras.Count, rras.Count);
        int known = 0;
        for (int rra = 0; rra < rras.Count; rra++)
        {
            var rows = rras[rra].Element("database")!.Elements("row").ToList();
            var definition = ours.Layout.Rras[rra];
            Assert.Equal(definition.Rows, rows.Count);
            for (int row = 0; row < rows.Count; row++)
            {
                var expected = new double[Columns.Length];
                ours.Rows().TryCopyRow(rra, ours.LastStep / definition.PdpPerCdp - definition.Rows + row, expected);
                double[] actual = [.. rows[row].Elements("v").Select(v => Number(v.Value))];
                AssertClose(expected, actual, $"{definition}, row {row}");
                known += actual.Count(double.IsFinite);
            }
        }
        Assert.True(known > 500, $"only {known} known values");
    }

    private static void AssertClose(double[] expected, double[] actual, string where)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.True(
            p.First.Equals(p.Second) || Math.Abs(p.First - p.Second) <= Tolerance * Math.Abs(p.First), $"{where}: {p.Second:R} instead of {p.First:R}"));
    }

    private static double Number(string text) =>
        NumberFormat.TryParse(text, out double value) ? value : throw new FormatException($"'{text}' is no number");

    private static string Bound(double value) => double.IsFinite(value) ? value.ToString(CultureInfo.InvariantCulture) : "U";

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
