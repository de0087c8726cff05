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

    /// <summary>Dumps taken after every step, continued here and by rrdtool: the rows that were unfinished come to the same.</summary>
    [RrdtoolFact]
    public async Task Dump_of_rrdtool_taken_at_any_position_in_a_row_goes_on_as_it_does_there()
    {
        const int Steps = 64;
        const int Dumps = 40;
        string file = Path.Combine(_folder.FullName, "goes-on.rrd");
        string[] rras = [.. Layout.Rras.Select(r => $"RRA:{r.Function.Name()}:{r.Xff.ToString(CultureInfo.InvariantCulture)}:{r.PdpPerCdp}:{r.Rows}")];
        await RunAsync("create", [file, "--start", Text(Start), "--step", "5", "DS:a:GAUGE:300:U:U", "DS:b:GAUGE:300:0:100", .. rras]);
        var dumps = new List<string>();
        for (int i = 1; i <= Steps; i++)
        {
            var (a, b) = Values(i);
            await RunAsync("update", file, string.Create(CultureInfo.InvariantCulture, $"{Start + 5 * i}:{(double.IsNaN(a) ? "U" : a)}:{(double.IsNaN(b) ? "U" : b)}"));
            if (i <= Dumps)
            {
                dumps.Add(await RunAsync("dump", file));
            }
        }
        var theirs = XDocument.Parse(await RunAsync("dump", file)).Root!;

        for (int taken = 1; taken <= Dumps; taken++)
        {
            // Some tools drop what a document can do without.
            string dump = taken % 2 == 0 ? dumps[taken - 1] : XDocument.Parse(dumps[taken - 1]).Root!.ToString(SaveOptions.DisableFormatting);
            var ours = Documents.Read(dump);
            for (int i = taken + 1; i <= Steps; i++)
            {
                var (a, b) = Values(i);
                ours.Tiles[0].Update(Start + 5 * i, [Documents.Bits(a), Documents.Bits(b)], [!double.IsNaN(a), !double.IsNaN(b)]);
            }
            AssertSameRows(ours, theirs, $"taken after {taken} steps, ");
        }
    }

    /// <summary>Whoever has rewritten the numbers of a dump has taken away what shows whose it is.</summary>
    [RrdtoolFact]
    public async Task Unfinished_rows_of_a_dump_that_does_not_show_whose_it_is_are_unknown()
    {
        string file = Path.Combine(_folder.FullName, "rewritten.rrd");
        await RunAsync("create", file, "--start", Text(Start), "--step", "5", "DS:a:GAUGE:300:U:U", "RRA:AVERAGE:0.5:12:10", "RRA:MAX:0.5:12:10");
        await RunAsync("update", [file, .. Enumerable.Range(1, 18).Select(i => $"{Start + 5 * i}:10")]);
        string dump = Regex.Replace(await RunAsync("dump", file), @"-?\d\.\d{10}e[+-]\d\d", n => Number(n.Value).ToString(CultureInfo.InvariantCulture));

        var ours = Documents.Read(dump);

        for (int rra = 0; rra < 2; rra++)
        {
            var scratch = ours.Tiles[0].Scratch(rra, 0);
            Assert.Equal(ours.LastStep % 12, scratch.UnknownPdps);
            Assert.InRange(scratch.UnknownPdps, 1, 11);
        }
    }

    [RrdtoolFact]
    public async Task Types_of_rrdtool_that_have_a_meaning_here_are_read_and_the_rest_is_left_out_with_a_word()
    {
        string file = Path.Combine(_folder.FullName, "types.rrd");
        await RunAsync(
            "create", file, "--start", Text(Start), "--step", "5", "DS:temp:GAUGE:300:U:U", "DS:twice:COMPUTE:temp,2,*", "DS:dc:DCOUNTER:300:0:U",
            "DS:dd:DDERIVE:300:U:U", "RRA:AVERAGE:0.5:1:20", "RRA:HWPREDICT:40:0.1:0.0035:12", "RRA:MAX:0.5:6:20", "RRA:MHWPREDICT:40:0.1:0.0035:12");
        await RunAsync("update", [file, .. Enumerable.Range(1, 15).Select(i => string.Create(
            CultureInfo.InvariantCulture, $"{Start + 5 * i}:{20 + i}:{2 * i}:{-3 * i}"))]);
        string dump = await RunAsync("dump", file);
        foreach (string forecast in (string[])["HWPREDICT", "MHWPREDICT", "SEASONAL", "DEVPREDICT", "DEVSEASONAL", "FAILURES"])
        {
            Assert.Contains($"<cf>{forecast}</cf>", dump, StringComparison.Ordinal);
        }
        var leftOut = new List<string>();

        var ours = RrdXmlReader.Read(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(dump)), leftOut: leftOut);

        Assert.Equal(
            [("temp", DataSourceType.Gauge), ("dc", DataSourceType.Counter), ("dd", DataSourceType.Derive)],
            ours.DataSources.Select(d => (d.Name, d.Type)));
        Assert.Equal([true, false, false], ours.DataSources.Select(d => d.IsInteger));
        Assert.Equal([(ConsolidationFunction.Average, 1), (ConsolidationFunction.Max, 6)], ours.Layout.Rras.Select(r => (r.Function, r.PdpPerCdp)));
        double[] row = new double[3];
        ours.Rows().TryCopyRow(0, ours.LastStep - 1, row);
        AssertClose([35, 0.4, -0.6], row, "newest row");
        Assert.Contains("data source twice: it is computed from others", leftOut);
        Assert.Contains(leftOut, l => l.StartsWith("an RRA of HWPREDICT: ", StringComparison.Ordinal));
        Assert.Equal(dump.Split("PREDICT</cf>").Length + dump.Split("SEASONAL</cf>").Length + dump.Split("FAILURES</cf>").Length - 3 + 1, leftOut.Count);
    }

    /// <summary>rrdtool means other things by an unfinished step and an unfinished AVERAGE row: what it makes of both is wrong once.</summary>
    [RrdtoolFact]
    public async Task Document_that_rrdtool_goes_on_from_is_right_but_for_the_step_and_the_rows_that_were_unfinished()
    {
        var ours = new RoundRobinDatabase(Layout);
        var tile = new Tile(Layout, [new DataSource("a", DataSourceType.Gauge), new DataSource("b", DataSourceType.Gauge)], Start / 5);
        ours.Add(tile);
        for (int i = 1; i <= 40; i++)
        {
            tile.Update(Start + 5 * i, [Documents.Bits(10), Documents.Bits(20)], [true, true]);
        }
        string file = await RestoreAsync(ours);
        for (int i = 41; i <= 64; i++)
        {
            await RunAsync("update", file, $"{Start + 5 * i}:10:20");
            tile.Update(Start + 5 * i, [Documents.Bits(10), Documents.Bits(20)], [true, true]);
        }
        var theirs = XDocument.Parse(await RunAsync("dump", file)).Root!;
        long unfinished = Start / 5 + 40;

        foreach (var (rra, definition) in Layout.Rras.Index())
        {
            long newest = ours.LastStep / definition.PdpPerCdp - 1;
            var rows = theirs.Elements("rra").ElementAt(rra).Element("database")!.Elements("row").ToList();
            for (long row = newest - 3; row <= newest; row++)
            {
                double actual = Number(rows[(int)(rows.Count - 1 - (newest - row))].Element("v")!.Value);
                Assert.True(row == unfinished / definition.PdpPerCdp || Math.Abs(actual - 10) < 1e-9, $"{definition}, row {row}: {actual}");
            }
        }
    }

    private static (double A, double B) Values(int i) =>
        (i % 7 == 3 || i is > 20 and < 29 ? double.NaN : 1000.3 / i, i % 11 == 0 ? double.NaN : i * 1.25 + 0.1);

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

    private static void AssertSameRows(RoundRobinDatabase ours, XElement theirs, string where)
    {
        foreach (var (rra, definition) in ours.Layout.Rras.Index())
        {
            var rows = theirs.Elements("rra").ElementAt(rra).Element("database")!.Elements("row").ToList();
            double[] values = new double[2];
            for (int row = 0; row < rows.Count; row++)
            {
                ours.Rows().TryCopyRow(rra, ours.LastStep / definition.PdpPerCdp - definition.Rows + row, values);
                double[] expected = [.. rows[row].Elements("v").Select(v => Number(v.Value))];
                if (definition.Function == ConsolidationFunction.Last)
                {
                    // To rrdtool the last PDP of a row is its last, known or not; here it is the last that is known.
                    values = [.. values.Zip(expected, (v, e) => double.IsNaN(e) ? e : v)];
                }
                AssertClose(expected, values, $"{where}{definition}, row {row}");
            }
        }
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
