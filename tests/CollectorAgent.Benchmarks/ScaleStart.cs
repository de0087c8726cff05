namespace CollectorAgent.Benchmarks;

/// <summary>How long a process that follows a killed one takes, in seconds: to open the store, and for the first tick.</summary>
internal readonly record struct ScaleStart(double Load, double FirstTick);
