namespace CollectorAgent.Plugins;

/// <summary>What the last look at a page showed.</summary>
/// <param name="Sources">How many data sources are on it.</param>
/// <param name="ReadSeconds">How long it took.</param>
public readonly record struct PageFigures(int Sources, double ReadSeconds);
