using System.Globalization;
using CollectorAgent.Benchmarks;

(string Name, string What, Func<Race, IEnumerable<Row>> Run)[] benchmarks =
[
    ("engine", "updates of one tile, beside librrd and a plain copy", EngineBenchmark.Run),
    ("memory", "bytes per data source, beside librrd's file and the cells alone", MemoryBenchmark.Run),
    ("page", "reading and checking a sample page, beside a bare read and checksum", PageBenchmark.Run),
    ("tick", "one tick over 100 pages of 30 data sources, beside bare reads and checksums", TickBenchmark.Run),
    ("updates", "/rrd_updates for 100 VMs of 30 data sources and 1,000 of 23, beside the same bytes ready-made", UpdatesBenchmark.Run),
    ("dump", "the whole of one RRD as XML, beside rrdtool's dump of the same data", DumpBenchmark.Run),
    ("numbers", "numbers as text, beside the runtime and the C library", NumbersBenchmark.Run),
];

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args.Contains("--list"))
{
    foreach (var (name, what, _) in benchmarks)
    {
        Console.WriteLine($"{name,-8} {what}");
    }
    return 0;
}
if (args.FirstOrDefault(a => !benchmarks.Any(b => b.Name == a)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark {unknown}; --list names them.");
    return 2;
}

var race = new Race(TimeProvider.System);
Console.WriteLine(Row.Head);
foreach (var (name, _, run) in benchmarks.Where(b => args.Length == 0 || args.Contains(b.Name)))
{
    foreach (var row in run(race))
    {
        Console.WriteLine(row.Line(name));
    }
}
return 0;
