using System.IO.Compression;
using System.IO.Pipelines;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Benchmarks;

/// <summary>Writing the archive of an owner that has a full history.</summary>
internal static class ArchiveBenchmark
{
    public static IEnumerable<Row> Run(Race race)
    {
        foreach (int count in new[] { 30, 1_000 })
        {
            var tile = new Tile(ArchiveLayout.Averages, Workload.Columns(count), Workload.FirstStep);
            FullHistory.Put(tile, new Random(1));
            var rrd = new RoundRobinDatabase(tile.Layout);
            rrd.Add(tile);
            byte[] document = Document(rrd.Snapshot());
            var sides = race.Run(() => Archive(rrd.Snapshot()), () => Compress(document));
            string size = $"{count:#,0} DS, XML of {document.Length / 1e6:0.0} MB";
            yield return new Row(size, sides[0].Best * 1e3, "gzip of the ready document", sides[1].Best * 1e3, "ms", sides[0].Noise);
        }
    }

    /// <summary>Without the disk.</summary>
    public static void Archive(RrdSnapshot rrd)
    {
        using var gzip = new GZipStream(Stream.Null, CompressionLevel.Fastest);
        Write(rrd, gzip);
    }

    private static byte[] Document(RrdSnapshot rrd)
    {
        using var memory = new MemoryStream();
        Write(rrd, memory);
        return memory.ToArray();
    }

    private static void Compress(byte[] document)
    {
        using var gzip = new GZipStream(Stream.Null, CompressionLevel.Fastest);
        gzip.Write(document);
    }

    private static void Write(RrdSnapshot rrd, Stream stream) =>
        RrdXmlWriter.WriteAsync(rrd, RrdForm.Internal, PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true)), CancellationToken.None)
            .GetAwaiter().GetResult();
}
