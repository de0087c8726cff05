namespace CollectorAgent.Sampling;

/// <summary>What a tick finds on the clocks.</summary>
/// <param name="Step">The step that it ends; null where it ends none.</param>
/// <param name="Missed">Steps before it that have had no tick.</param>
/// <param name="Jump">How far the wall clock was set since the tick before; zero where it was not.</param>
/// <param name="IsMoved">Recorded time moved against the wall clock: no interval leads over this moment.</param>
public readonly record struct RecordingTick(long? Step, long Missed, TimeSpan Jump, bool IsMoved);
