using System.Buffers.Binary;
using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.Sampling;

namespace CollectorAgent.Benchmarks;

/// <summary>Reading and checking one sample page: what a tick does with each plugin first.</summary>
internal static class PageBenchmark
{
    private const int Timestamp = 1_800_000_000;

    // A round is so many data sources and pages that a clock can measure it.
    private const int WorkOfRound = 20_000;

    private static readonly byte[] Buffer = new byte[1 << 20];

    public static IEnumerable<Row> Run(Race race)
    {
        foreach (int count in new[] { 1, 100, 1_000 })
        {
            foreach (var row in Pages(race, count))
            {
                yield return row;
            }
        }
        foreach (var row in Large(race))
        {
            yield return row;
        }
        foreach (var row in Metrics(race))
        {
            yield return row;
        }
        yield return Checksum(race);
    }

    /// <summary>A page of version 3, whose text is parsed with each new sample.</summary>
    private static IEnumerable<Row> Metrics(Race race)
    {
        const int Count = 1_000;
        const int Pages = 20;
        using var folder = new ScratchFolder();
        int length = 0;
        FilePageSource[] sources =
        [
            .. Enumerable.Range(0, 2).Select(i =>
            {
                byte[] page = MetricsPage(Timestamp + 5 * i, Count);
                length = page.Length;
                File.WriteAllBytes(folder.File($"metrics{i}"), page);
                return new FilePageSource(File.OpenHandle(folder.File($"metrics{i}")), PagePermit.MostPageBytes);
            }),
        ];
        var reader = new PageReader();
        void Read()
        {
            for (int i = 1; i <= Pages; i++)
            {
                var status = reader.Read(sources[i % 2]);
                if (status != PageStatus.Ok)
                {
                    throw new InvalidOperationException($"the page was {status}: {reader.Detail}");
                }
            }
        }
        reader.Read(sources[0]);
        Read();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Read();
        double allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Pages;
        var results = race.Run(Read, () =>
        {
            for (int i = 1; i <= Pages; i++)
            {
                sources[i % 2].Read(0, Buffer.AsSpan(0, length));
                Crc32.Compute(Buffer.AsSpan(0, length));
            }
        });
        string size = $"{Count:#,0} series as OpenMetrics text";
        yield return Nanoseconds($"{size}, new values", results, "read and checksum alone", Pages, "ns/page");
        yield return new Row(size, allocated, "nothing", 0, "allocated B/read");
        foreach (var source in sources)
        {
            source.Dispose();
        }
    }

    private static byte[] MetricsPage(long timestamp, int count)
    {
        var text = new StringBuilder("# HELP disk_read_bytes Bytes read.\n# TYPE disk_read_bytes counter\n# UNIT disk_read_bytes bytes\n");
        for (int i = 0; i < count; i++)
        {
            text.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"disk_read_bytes_total{{device=\"xvd{i % 8}\",owner=\"vm 5b7a1c1e-0000-4000-8000-{i / 8:x12}\"}} {timestamp * 1000L + i}.0\n");
        }
        byte[] payload = Encoding.UTF8.GetBytes(text.Append("# EOF\n").ToString());
        byte[] page = [.. "OPENMETRICS1"u8, .. new byte[16], .. payload];
        BinaryPrimitives.WriteInt64BigEndian(page.AsSpan(16), timestamp);
        BinaryPrimitives.WriteInt32BigEndian(page.AsSpan(24), payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(12), Crc32.Compute(page.AsSpan(16)));
        return page;
    }

    private static IEnumerable<Row> Pages(Race race, int count)
    {
        using var folder = new ScratchFolder();
        using var first = new PageFile(folder.File("first"), PageFile.Sources(Owner.Host, count));
        using var second = new PageFile(folder.File("second"), PageFile.Sources(Owner.Host, count));
        using var other = new PageFile(folder.File("other"), PageFile.Sources(Owner.Host, count, "says something else"));
        long[][] samples = Workload.Samples(count);
        first.Publish(Timestamp, samples[0]);
        second.Publish(Timestamp + 5, samples[1]);
        other.Publish(Timestamp + 5, samples[2]);

        int pages = Even(WorkOfRound / (count + 10));
        string size = $"{count:#,0} DS";

        var changed = race.Run(Read(pages, first, second, PageStatus.Ok), Bare(pages, first, second, withMetadata: false));
        yield return Nanoseconds($"{size}, new values", changed, "read and checksum alone", pages, "ns/page");
        if (count > 1)
        {
            yield return Nanoseconds($"{size}, new values", changed, "read and checksum alone", pages * count, "ns/DS");
        }

        var unchanged = race.Run(Read(pages, first, first, PageStatus.Unchanged), () =>
        {
            for (int i = 0; i < pages; i++)
            {
                first.Copy(Buffer);
            }
        });
        yield return Nanoseconds($"{size}, unchanged", unchanged, "read alone", pages, "ns/page");

        int fewer = Even(pages / 10);
        var renewed = race.Run(Read(fewer, first, other, PageStatus.Ok), Bare(fewer, first, other, withMetadata: true));
        yield return Nanoseconds($"{size}, new metadata", renewed, "read and checksum alone", fewer, "ns/page");
    }

    /// <summary>What a reader that meets a page for the first time does, and what it keeps between two ticks.</summary>
    private static IEnumerable<Row> Large(Race race)
    {
        const int Vms = 100;
        const int SourcesOfVm = 100;
        const int Count = Vms * SourcesOfVm;
        using var folder = new ScratchFolder();
        using var page = new PageFile(folder.File("page"), [.. Enumerable.Range(0, Vms).SelectMany(vm => VmSources(vm, SourcesOfVm))]);
        page.Publish(Timestamp, new long[Count]);
        using var source = page.Open();
        byte[] buffer = new byte[page.Length];
        const string Size = "10,000 DS of 100 VMs";

        var first = race.Run(() => new PageReader().Read(source), () => page.ReadBare(buffer, withMetadata: true));
        yield return Nanoseconds($"{Size}, first read", first, "read and checksum alone", Count, "ns/DS");

        long before = GC.GetTotalMemory(forceFullCollection: true);
        var reader = new PageReader();
        reader.Read(source);
        double kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(reader);
        yield return new Row($"{Size}, kept between reads", kept / Count, "the page itself", page.Length / (double)Count, "bytes/DS");
    }

    private static IEnumerable<ReportedSource> VmSources(int vm, int count) => Enumerable.Range(0, count).Select(i =>
        new ReportedSource($"vbd_write_throughput_total_{i:00000}")
        {
            Owner = new Owner(OwnerKind.Vm, $"5b7a1c1e-0000-4000-8000-{vm:x12}"),
            Type = ReportedType.Gauge,
            IsDefault = true,
            Units = "MiB/s",
            Description = $"Bytes written per second to virtual block device number {i:00000}",
            Min = 0,
        });

    /// <summary>Pages are read in turns, so that the first of a round is news after the last of the one before.</summary>
    private static int Even(int pages) => Math.Max(2, pages / 2 * 2);

    private static Action Read(int pages, PageFile first, PageFile second, PageStatus expected)
    {
        var reader = new PageReader();
        var sources = new[] { first.Open(), second.Open() };
        reader.Read(sources[0]);
        return () =>
        {
            for (int i = 1; i <= pages; i++)
            {
                var status = reader.Read(sources[i % 2]);
                if (status != expected)
                {
                    throw new InvalidOperationException($"the page was {status}, not {expected}");
                }
            }
        };
    }

    private static Action Bare(int pages, PageFile first, PageFile second, bool withMetadata) => () =>
    {
        for (int i = 1; i <= pages; i++)
        {
            (i % 2 == 0 ? first : second).ReadBare(Buffer, withMetadata);
        }
    };

    private static Row Nanoseconds(string size, Race.Result[] results, string against, int divisor, string unit) =>
        new(size, results[0].Best / divisor * 1e9, against, results[1].Best / divisor * 1e9, unit, results[0].Noise);

    private static Row Checksum(Race race)
    {
        const int Bytes = 8 << 10;
        const int Repeats = 200;
        var data = Buffer.AsMemory(0, Bytes);
        new Random(1).NextBytes(data.Span);
        void Ours()
        {
            for (int i = 0; i < Repeats; i++)
            {
                Crc32.Compute(data.Span);
            }
        }
        if (Zlib.IsMissing)
        {
            var alone = race.Run(Ours)[0];
            return new Row("checksum of 8 KiB", Speed(alone), "zlib: not installed", double.NaN, "GB/s", alone.Noise);
        }
        var results = race.Run(Ours, () =>
        {
            for (int i = 0; i < Repeats; i++)
            {
                Zlib.Crc32(data.Span);
            }
        });
        return new Row("checksum of 8 KiB", Speed(results[0]), "zlib", Speed(results[1]), "GB/s", results[0].Noise);

        static double Speed(Race.Result result) => Bytes * (double)Repeats / result.Best / 1e9;
    }
}
