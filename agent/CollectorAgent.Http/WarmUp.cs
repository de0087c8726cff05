using System.IO.Pipelines;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Http;

/// <summary>Has the code that copies an RRD under its lock compiled before a reader comes: the first copies would hold the lock, and with it
/// the tick, for a tenth of a second otherwise.</summary>
public static class WarmUp
{
    // So often a method is called before the runtime compiles it for speed.
    private const int Calls = 40;

    private const int Columns = 64;

    // The first tick is over by then.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Delay, time, cancellationToken);
            var rrd = Small();
            for (int i = 0; i < Calls; i++)
            {
                var rows = rrd.Rows();
                rows.TryCopyRows([0], rrd.LastStep - 1, 2, new double[2 * Columns], Columns);
                await RrdXmlWriter.WriteAsync(rrd.Snapshot(), RrdForm.External, PipeWriter.Create(Stream.Null), cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    private static RoundRobinDatabase Small()
    {
        var layout = new ArchiveLayout(ArchiveLayout.StandardStepSeconds, ArchiveLayout.AveragesMinMax.Rras.Select(r => r with { Rows = 2 }));
        var rrd = new RoundRobinDatabase(layout);
        // Of two plugins, one of which has fallen silent.
        foreach (int lastStep in (int[])[1_000_000, 1_000_007])
        {
            var columns = Enumerable.Range(0, Columns / 2).Select(i => new DataSource($"{lastStep}_{i}", DataSourceType.Derive)).ToList();
            var tile = new Tile(layout, columns, lastStep);
            tile.Update((lastStep + 1.0) * layout.StepSeconds, new long[columns.Count], new bool[columns.Count]);
            rrd.Add(tile);
        }
        return rrd;
    }
}
