using System.Globalization;

namespace CollectorAgent.Benchmarks;

internal static class Program
{
    /// <summary>The first argument of a process that a benchmark starts.</summary>
    public const string ChildMark = "--child";

    private static readonly Race Race = new(TimeProvider.System);

    private static readonly (string Name, string What, Func<IEnumerable<string>> Run)[] Benchmarks =
    [
        Rows("engine", "updates of one tile, beside librrd and a plain copy", EngineBenchmark.Run),
        Rows("memory", "bytes per data source, beside librrd's file and the cells alone", MemoryBenchmark.Run),
        Rows("page", "reading and checking a sample page, beside a bare read and checksum", PageBenchmark.Run),
        Rows("tick", "one tick over 100 pages of 30 data sources, beside bare reads and checksums", TickBenchmark.Run),
        Rows("plugins", "one tick over 1,000 pages of 100 data sources and its stages, beside bare reads and checksums", PluginsBenchmark.Run),
        Rows("platform", "real plugins: from folder to first sample, what a kill costs, measuring 200 of them", PlatformBenchmark.Run),
        Rows("updates", "/rrd_updates for 100 VMs of 30 data sources and 1,000 of 23, beside the same bytes ready-made", UpdatesBenchmark.Run),
        Rows("dump", "the whole of one RRD as XML, beside rrdtool's dump of the same data", DumpBenchmark.Run),
        Rows("numbers", "numbers as text, beside the runtime and the C library", NumbersBenchmark.Run),
        Rows("peers", "ticks that end in files, beside rrdcached with its journal", PeersBenchmark.Run),
        Rows("lateness", "ticks while documents of 1,000 owners are fetched", LatenessBenchmark.Run),
        Rows("day", "24 simulated hours with late ticks, late samples and load: are all steps filled?", DayBenchmark.Run),
        Rows("disk", "bytes on disk: new, after an hour, with a full year", DiskBenchmark.Run),
        Rows("archive", "the archive of an owner with a full history, beside its compression alone", ArchiveBenchmark.Run),
        Rows("hooks", "1,000 VMs archived and restored while ticks go on, beside the same files written", HooksBenchmark.Run),
        Rows("start", "the agent's process: its start after a kill, and at rest with the host plugin", StartBenchmark.Run),
        Rows("churn", "plugins whose names change: all for an hour, one of 20,000, those of many pages at once", ChurnBenchmark.Run),
        Rows("changes", "how long each change holds the ticking thread, at 100,000 data sources with full rings", ChangesBenchmark.Run),
        ("curl", "/rrd_updates of 1,000 owners of 23 from a real agent, read by curl", CurlBenchmark.Run),
        ("readers", "an agent while hundreds of readers ask and never read; readers COUNT SOURCES SECONDS PATH for others", () => ReadersBenchmark.Run()),
        ("scale", "everything from 1,000 to 1,000,000 data sources, with the store on a disk", () => ScaleBenchmark.Run()),
    ];

    private static int Main(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        if (args is [ChildMark, var what, var pages, var store, var sources, var plugins, var owners, .. var rest])
        {
            var child = new ScaleChild(ScaleShape.Parse([sources, plugins, owners]), pages, store, Race);
            if (what == "record")
            {
                child.Record();
            }
            else
            {
                child.GoOn(long.Parse(rest[0], CultureInfo.InvariantCulture));
            }
            return 0;
        }
        if (args is ["scale", var number1, var number2, var number3])
        {
            Print(ScaleBenchmark.Run([ScaleShape.Parse([number1, number2, number3])]));
            return 0;
        }
        if (args is ["readers", var count, var columns, var seconds, var path])
        {
            Print(ReadersBenchmark.Run(
                int.Parse(count, CultureInfo.InvariantCulture),
                int.Parse(columns, CultureInfo.InvariantCulture),
                int.Parse(seconds, CultureInfo.InvariantCulture),
                path));
            return 0;
        }
        if (args.Contains("--list"))
        {
            Print(Benchmarks.Select(b => $"{b.Name,-8} {b.What}"));
            return 0;
        }
        if (args.FirstOrDefault(a => !Benchmarks.Any(b => b.Name == a)) is { } unknown)
        {
            Console.Error.WriteLine($"There is no benchmark {unknown}; --list names them.");
            return 2;
        }
        foreach (var (_, _, run) in Benchmarks.Where(b => args.Length == 0 || args.Contains(b.Name)))
        {
            Print(run());
            Console.WriteLine();
        }
        return 0;
    }

    private static (string Name, string What, Func<IEnumerable<string>> Run) Rows(string name, string what, Func<Race, IEnumerable<Row>> run) =>
        (name, what, () => run(Race).Select(r => r.Line(name)).Prepend(Row.Head));

    private static void Print(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.WriteLine(line);
        }
    }
}
