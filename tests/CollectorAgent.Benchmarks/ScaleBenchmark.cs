using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace CollectorAgent.Benchmarks;

/// <summary>Everything at once and how it grows: sampler, store on a disk, documents.</summary>
internal static class ScaleBenchmark
{
    private const double StepSeconds = 5;

    private static readonly ScaleShape[] Shapes =
    [
        new(1_000, 1, 1),
        new(1_000, 100, 100),
        new(10_000, 1, 1),
        new(10_000, 100, 100),
        new(100_000, 100, 1),
        new(100_000, 100, 100),
        new(100_000, 1_000, 1_000),
        new(1_000_000, 100, 1),
        new(1_000_000, 100, 100),
        new(1_000_000, 1_000, 1_000),
        new(999_000, 100, 33_300),
    ];

    private static readonly string[] SizeHeads = ["data sources", "plugins", "owners"];

    private static readonly (string Head, Func<ScaleResult, double> Value)[][] Tables =
    [
        [
            ("tick p50, ms", r => r.Figures.Tick.Median * 1e3),
            ("p99", r => r.Figures.Tick.P99 * 1e3),
            ("max", r => r.Figures.Tick.Max * 1e3),
            ("end of a day", r => r.Figures.DayTick * 1e3),
            ("p50 of 5 s, %", r => r.Figures.Tick.Median / StepSeconds * 100),
            ("p50 over a copy", r => r.Figures.Tick.Median / r.Figures.Copy),
            ("in a sync: p50, ms", r => r.Figures.TickDuringSync.Median * 1e3),
            ("max", r => r.Figures.TickDuringSync.Max * 1e3),
            ("a sync, ms", r => r.Figures.Sync.Median * 1e3),
        ],
        [
            ("own memory, B/DS", r => r.Figures.AnonymousBytes / (double)r.Shape.Sources),
            ("of it managed", r => r.Figures.ManagedBytes / (double)r.Shape.Sources),
            ("resident, MB", r => r.Figures.ResidentBytes / 1e6),
            ("disk, B/DS", r => r.Figures.DiskBytes / (double)r.Shape.Sources),
            ("very first tick, ms", r => r.Figures.FirstTick * 1e3),
            ("killed: store open, ms", r => r.Start.Load * 1e3),
            ("first tick, ms", r => r.Start.FirstTick * 1e3),
        ],
        [
            ("/rrd_updates, MB", r => r.Figures.UpdatesBytes / 1e6),
            ("first byte, ms", r => r.Figures.UpdatesFirstByte * 1e3),
            ("whole, ms", r => r.Figures.Updates * 1e3),
            ("MB/s", r => r.Figures.UpdatesBytes / r.Figures.Updates / 1e6),
            ("archive of an owner, ms", r => r.Figures.Archive * 1e3),
        ],
    ];

    /// <summary>Measures all shapes, or some, and gives the tables line by line.</summary>
    public static IEnumerable<string> Run(IEnumerable<ScaleShape>? only = null)
    {
        var results = new List<ScaleResult>();
        foreach (var shape in only ?? Shapes)
        {
            Console.Error.WriteLine($"{shape.Sources:#,0} data sources of {shape.Pages:#,0} plugins for {shape.Owners:#,0} owners");
            results.Add(Measure(shape));
        }
        foreach (var table in Tables)
        {
            yield return Line(SizeHeads.Concat(table.Select(c => c.Head)));
            yield return $"|{string.Concat(Enumerable.Repeat("---:|", SizeHeads.Length + table.Length))}";
            foreach (var result in results)
            {
                yield return Line(Counts(result.Shape).Concat(table.Select(c => Row.Text(c.Value(result)))));
            }
            yield return "";
        }
        if (only is null)
        {
            string path = Path.GetFullPath("performance-scale.svg");
            File.WriteAllText(path, Plot(results));
            yield return $"Drawn in {path}.";
        }
    }

    private static IEnumerable<string> Counts(ScaleShape shape) =>
        new[] { shape.Sources, shape.Pages, shape.Owners }.Select(c => c.ToString("#,0", CultureInfo.InvariantCulture));

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    /// <summary>Lines join the shapes of 100 plugins and 100 owners.</summary>
    private static string Plot(List<ScaleResult> results)
    {
        var plot = new ScalePlot();
        plot.Panel("tick, ms", (-2, 3), Series("p99", r => r.Figures.Tick.P99 * 1e3), Series("p50", r => r.Figures.Tick.Median * 1e3));
        plot.Panel("MB", (-1, 4), Series("disk", r => r.Figures.DiskBytes / 1e6), Series("own memory", r => r.Figures.AnonymousBytes / 1e6));
        return plot.Document();

        ScalePlot.Series Series(string name, Func<ScaleResult, double> value)
        {
            var points = results.ToLookup(r => r.Shape is { Pages: 100, Owners: 100 }, r => ((double)r.Shape.Sources, value(r)));
            return new ScalePlot.Series(name, points[true], points[false]);
        }
    }

    private static ScaleResult Measure(ScaleShape shape)
    {
        using var pages = new ScratchFolder();
        using var disk = ScratchFolder.OnDisk();
        string[] arguments = [pages.Path, disk.Path, .. shape.Arguments()];
        var figures = Child<ScaleFigures>(["record", .. arguments]);
        var start = Child<ScaleStart>(["go-on", .. arguments, figures.LastStep.ToString(CultureInfo.InvariantCulture)]);
        return new ScaleResult(shape, figures, start);
    }

    /// <summary>Starts this program once more, listens to its figures and kills it.</summary>
    private static T Child<T>(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Program.ChildMark, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            return process.StandardOutput.ReadLine() is { } line && line.StartsWith(ScaleChild.Announcement, StringComparison.Ordinal)
                ? JsonSerializer.Deserialize<T>(line[ScaleChild.Announcement.Length..], ScaleChild.Json)!
                : throw new InvalidOperationException($"{string.Join(' ', start.ArgumentList)} has no figures");
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    private sealed record ScaleResult(ScaleShape Shape, ScaleFigures Figures, ScaleStart Start);
}
