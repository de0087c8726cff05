using System.Diagnostics;
using System.IO.Pipelines;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Benchmarks;

/// <summary>The whole of one RRD as XML, beside rrdtool's dump of the same data.</summary>
internal static class DumpBenchmark
{
    private const string Rrdtool = "/usr/bin/rrdtool";
    private const int Columns = 1_000;

    public static IEnumerable<Row> Run(Race race)
    {
        using var folder = new ScratchFolder();
        var rrd = Filled();
        string document = folder.File("ours.xml");
        string file = folder.File("theirs.rrd");
        using (var stream = File.Create(document))
        {
            Write(rrd, RrdForm.External, PipeWriter.Create(stream));
        }
        string size = $"{Columns:#,0} DS, XML, {new FileInfo(document).Length / 1e6:0} MB";
        var pipe = new NullPipe();
        if (Librrd.IsMissing || !File.Exists(Rrdtool))
        {
            var alone = race.Run(() => Write(rrd, RrdForm.External, pipe), () => rrd.Snapshot());
            yield return new Row(size, alone[0].Best * 1e3, "rrdtool, not installed", double.NaN, "ms", alone[0].Noise);
            yield break;
        }
        Start("restore", document, file);
        File.Delete(document);

        var sides = race.Run(
            () => Write(rrd, RrdForm.External, pipe),
            () => Librrd.Dump(file, "/dev/null"),
            () => Start("dump", file),
            () => WriteToFile(rrd, folder.File("ours.xml")),
            () => Librrd.Dump(file, folder.File("theirs.xml")),
            () => Write(rrd, RrdForm.Internal, pipe));
        double cells = Columns * rrd.Layout.Rras.Sum(r => r.Rows);
        yield return new Row(size, sides[0].Best * 1e3, "librrd, rrd_dump_r", sides[1].Best * 1e3, "ms to nothing", sides[0].Noise);
        yield return new Row(size, sides[0].Best * 1e3, "rrdtool dump, a process", sides[2].Best * 1e3, "ms to nothing", sides[0].Noise);
        yield return new Row(size, sides[3].Best * 1e3, "librrd, rrd_dump_r", sides[4].Best * 1e3, "ms to a file", sides[3].Noise);
        yield return new Row(size, sides[0].Best / cells * 1e9, "librrd, rrd_dump_r", sides[1].Best / cells * 1e9, "ns/number", sides[0].Noise);
        yield return new Row(size, sides[5].Best * 1e3, "external form", sides[0].Best * 1e3, "ms, internal form", sides[5].Noise);
    }

    /// <summary>Values in every cell, half of them rates of 15 digits and more; put there, as a year of samples would take too long.</summary>
    private static RoundRobinDatabase Filled()
    {
        var layout = ArchiveLayout.AveragesMinMax;
        var tile = new Tile(layout, Workload.Columns(Columns), Workload.FirstStep);
        FullHistory.Put(tile, new Random(1));
        var rrd = new RoundRobinDatabase(layout);
        rrd.Add(tile);
        return rrd;
    }

    private static void Write(RoundRobinDatabase rrd, RrdForm form, PipeWriter pipe) =>
        RrdXmlWriter.WriteAsync(rrd.Snapshot(), form, pipe, CancellationToken.None).GetAwaiter().GetResult();

    private static void WriteToFile(RoundRobinDatabase rrd, string path)
    {
        using var stream = File.Create(path);
        Write(rrd, RrdForm.External, PipeWriter.Create(stream));
    }

    private static void Start(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Rrdtool, arguments) { RedirectStandardOutput = true })!;
        var buffer = new byte[64 << 10];
        while (process.StandardOutput.BaseStream.Read(buffer) > 0)
        {
            // What it says is read and forgotten.
        }
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"rrdtool {arguments[0]} ended with {process.ExitCode}");
        }
    }
}
