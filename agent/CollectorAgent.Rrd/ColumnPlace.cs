namespace CollectorAgent.Rrd;

/// <summary>Where a data source lies.</summary>
/// <param name="Tile">The tile that has it.</param>
/// <param name="Column">Its column there.</param>
public readonly record struct ColumnPlace(Tile Tile, int Column);
