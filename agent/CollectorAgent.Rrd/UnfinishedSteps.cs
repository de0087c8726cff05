namespace CollectorAgent.Rrd;

/// <summary>A copy of what a state of a tile knows of the step that is not over, column beside column.</summary>
internal readonly record struct UnfinishedSteps(byte[] Present, long[] Previous, double[] Accumulated, double[] UnknownSeconds)
{
    public static UnfinishedSteps Of(TileState state) => new(
        state.Present.ToArray(),
        state.Previous.ToArray(),
        state.Accumulated.ToArray(),
        state.HasUnknownSeconds ? state.UnknownSeconds.ToArray() : []);

    public PdpScratch Scratch(int column, DataSource source)
    {
        bool hasPrevious = Present[column] != 0;
        return new PdpScratch(
            hasPrevious ? Previous[column] : null,
            source.Type != DataSourceType.Gauge ? column < Accumulated.Length ? Accumulated[column] : 0
                : hasPrevious ? source.Value(Previous[column])
                : 0,
            column < UnknownSeconds.Length ? UnknownSeconds[column] : 0);
    }
}
