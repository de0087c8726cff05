using CollectorAgent.Rrd;

namespace CollectorAgent.Cli.Tests;

/// <summary>RRDs with known content: in the row of step n, column c has n + c / 4, but every seventh is unknown: that of step 79, for one.</summary>
internal static class History
{
    public const long FirstStep = 340_000_000;
    public const long Steps = 80;
    public const int StepSeconds = ArchiveLayout.StandardStepSeconds;

    /// <summary>End of the newest row, in Unix seconds.</summary>
    public const long End = (FirstStep + Steps) * StepSeconds;

    public static RoundRobinDatabase Of(params string[] names)
    {
        var rrd = new RoundRobinDatabase(ArchiveLayout.AveragesMinMax);
        rrd.Add(new Tile(ArchiveLayout.AveragesMinMax, [.. names.Select(n => new DataSource(n, DataSourceType.Gauge))], FirstStep));
        Grow(rrd, (int)Steps);
        return rrd;
    }

    public static void Grow(RoundRobinDatabase rrd, int steps)
    {
        var tile = rrd.Tiles[0];
        for (int i = 0; i < steps; i++)
        {
            long step = tile.LastStep + 1;
            long[] raw = [.. tile.Columns.Select((_, c) => BitConverter.DoubleToInt64Bits(Value(step, c)))];
            bool isKnown = IsKnown(step);
            tile.Update((step * StepSeconds) + 0.25, raw, [.. raw.Select(_ => isKnown)]);
        }
    }

    public static bool IsKnown(long step) => (step - FirstStep) % 7 != 2;

    public static double Value(long step, int column) => step - FirstStep + (column / 4.0);
}
