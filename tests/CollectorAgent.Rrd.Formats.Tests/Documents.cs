using System.IO.Pipelines;
using System.Text;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>Short ways to write documents, to read them, and to fill the RRDs they are about.</summary>
internal static class Documents
{
    /// <summary>The time of the examples: one and a quarter seconds into a step.</summary>
    public const double Now = 1700001001.25;

    public static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    public static async Task<string> TextAsync(Func<PipeWriter, Task> write)
    {
        var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await write(pipe);
        await pipe.CompleteAsync();
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static Task<string> XmlAsync(this RoundRobinDatabase rrd, RrdForm form = RrdForm.External) =>
        TextAsync(p => RrdXmlWriter.WriteAsync(rrd.Snapshot(), form, p, default));

    public static Task<string> JsonAsync(this RoundRobinDatabase rrd) => TextAsync(p => RrdJsonWriter.WriteAsync(rrd.Snapshot(), p, default));

    public static Task<string> XmlAsync(this Xport xport) => TextAsync(p => xport.WriteXmlAsync(p, default));

    public static Task<string> JsonAsync(this Xport xport) => TextAsync(p => xport.WriteJsonAsync(p, default));

    public static RoundRobinDatabase Read(string document) => RrdXmlReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(document)));

    /// <summary>All tiles brought to one step: what one has not heard of is unknown.</summary>
    public static RoundRobinDatabase Settled(this RoundRobinDatabase rrd)
    {
        foreach (var tile in rrd.Tiles.Where(t => t.LastStep < rrd.LastStep))
        {
            tile.EndUnknown(rrd.LastStep);
        }
        return rrd;
    }

    public static RoundRobinDatabase Database(ArchiveLayout layout, params Tile[] tiles)
    {
        var rrd = new RoundRobinDatabase(layout);
        foreach (var tile in tiles)
        {
            rrd.Add(tile);
        }
        return rrd;
    }

    /// <summary>An RRD of one gauge that has nothing to say but its time.</summary>
    public static RoundRobinDatabase At(double time, ArchiveLayout? layout = null, string name = "x")
    {
        layout ??= ArchiveLayout.Averages;
        var tile = new Tile(layout, [new DataSource(name, DataSourceType.Gauge)], layout.StepEndedAt(time) - 1);
        tile.Take(time, 1);
        return Database(layout, tile);
    }

    /// <summary>One sample of doubles, or of integers where the column has those; NaN is unknown.</summary>
    public static bool Take(this Tile tile, double time, params double[] values) => tile.Update(
        time,
        [.. values.Select((v, i) => tile.Columns[i].IsInteger ? double.IsNaN(v) ? 0 : (long)v : Bits(v))],
        [.. values.Select(v => !double.IsNaN(v))]);

    /// <summary>Rows of a few RRDs as a reader asks for them.</summary>
    public static Xport Export(XportQuery query, params (string Prefix, RoundRobinDatabase Rrd)[] selected)
    {
        var plan = XportPlan.Create(query, selected.Select(s => s.Rrd.Layout), selected.Max(s => (long)s.Rrd.LastUpdated));
        return new Xport(plan, [.. selected.Select(s => new XportColumns(plan, s.Rrd.Rows(), s.Prefix))]);
    }

    /// <summary>Two plugins, every type, odd names, minima and maxima, a step that is not over: the RRD of the golden files.</summary>
    public static RoundRobinDatabase Small()
    {
        var layout = new ArchiveLayout(5,
        [
            new(ConsolidationFunction.Average, 1, 4, 0.5),
            new(ConsolidationFunction.Average, 3, 2, 1),
            new(ConsolidationFunction.Min, 3, 2, 1),
            new(ConsolidationFunction.Max, 3, 2, 1),
        ]);
        var first = new Tile(
            layout,
            [
                new("<a&b\"", DataSourceType.Gauge, -40, 125.5),
                new("read/latency_μs", DataSourceType.Derive, 0) { IsInteger = true },
            ],
            layout.StepEndedAt(Now) - 12);
        var second = new Tile(
            layout,
            [
                new("iops", DataSourceType.Absolute, 0, HeartbeatSeconds: 60),
                new("wraps", DataSourceType.Counter, 0) { IsInteger = true },
            ],
            layout.StepEndedAt(Now) - 12);
        // Two PDPs of a row of three are over at the end; the second plugin has missed the last one.
        for (int i = -10; i <= 2; i++)
        {
            long[] raw = [Bits(i / 3.0), 9007199254740993 + 1000 * i * (20 + i)];
            first.Update(Now + 5 * i, raw, [i != -2, true]);
            if (i < 2)
            {
                second.Update(Now + 5 * i - 0.5, [Bits(40 + i), uint.MaxValue - 900 + 100 * (10 + i)], [true, true]);
            }
        }
        return Database(layout, first, second).Settled();
    }
}
