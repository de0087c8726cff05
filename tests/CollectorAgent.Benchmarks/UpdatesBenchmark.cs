using System.Globalization;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Benchmarks;

/// <summary>What a reader that comes every few seconds costs, over HTTP and in the writer alone.</summary>
internal static class UpdatesBenchmark
{
    private const int Ticks = 130;

    public static IEnumerable<Row> Run(Race race) =>
    [
        .. Run(race, 100, 30, [2, 120], [false, true]),
        .. Run(race, 1000, 23, [2, 120], [true]),
    ];

    private static IEnumerable<Row> Run(Race race, int owners, int sources, int[] lengths, bool[] forms)
    {
        using var vms = new SampledVms(owners, sources);
        for (int i = 0; i < Ticks; i++)
        {
            vms.Publish();
            vms.Sampler.Tick();
        }
        using var folder = new ScratchFolder();
        using var server = new UpdatesServer(vms, folder.Path);
        foreach (int rows in lengths)
        {
            foreach (bool isJson in forms)
            {
                string query = $"/rrd_updates?start=-{rows * ArchiveLayout.StandardStepSeconds - 1}" + (isJson ? "&json=true" : "");
                int length = server.Prepare(query);
                string size = $"{owners * sources:#,0} DS, {(isJson ? "JSON" : "XML")}, {rows} rows, {length / 1e6:0.00} MB";

                var http = race.Run(() => server.Fetch(query), server.FetchReady);
                yield return new Row(size, http[0].Best * 1e3, "same bytes ready-made", http[1].Best * 1e3, "ms over HTTP", http[0].Noise);
                yield return new Row(size, server.FirstBytes.Min() * 1e3, "whole", http[0].Best * 1e3, "ms to 1st byte");

                using var xport = Export(vms, rows);
                var pipe = new NullPipe();
                var writing = race.Run(() => Write(xport, isJson, pipe), () => FormatNumbers(xport), () => Export(vms, rows).Dispose());
                yield return new Row(size, writing[0].Best * 1e3, "its numbers by .NET", writing[1].Best * 1e3, "ms written", writing[0].Noise);
                yield return new Row(size, writing[2].Best * 1e3, "written", writing[0].Best * 1e3, "ms copied", writing[2].Noise);
            }
        }
    }

    private static Xport Export(SampledVms vms, int rows)
    {
        var layout = ArchiveLayout.Averages;
        long lastUpdate = vms.Store.All.Max(r => (long)r.Rrd.LastUpdated);
        var plan = XportPlan.Create(new XportQuery(-(rows * layout.StepSeconds - 1)), [layout], lastUpdate);
        if (plan.RowCount != rows)
        {
            throw new InvalidOperationException($"{plan.RowCount} rows, not {rows}");
        }
        return new Xport(plan, [.. vms.Store.All.Select(r => new XportColumns(plan, r.Rrd.Rows(r.Gate), "vm:" + r.Owner.Uuid))]);
    }

    private static void Write(Xport xport, bool isJson, NullPipe pipe)
    {
        var writing = isJson ? xport.WriteJsonAsync(pipe, CancellationToken.None) : xport.WriteXmlAsync(pipe, CancellationToken.None);
        if (!writing.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("a pipe that takes everything has been waited for", writing.Exception);
        }
    }

    /// <summary>The numbers of a document in the shortest form that the runtime writes, and nothing else.</summary>
    private static void FormatNumbers(Xport xport)
    {
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        for (int row = 0; row < xport.Plan.RowCount; row++)
        {
            foreach (double value in xport.Row(row))
            {
                value.TryFormat(text, out _, default, CultureInfo.InvariantCulture);
            }
        }
    }
}
