namespace CollectorAgent.Benchmarks;

/// <summary>What a process measured of one shape. Times in seconds.</summary>
internal sealed record ScaleFigures
{
    /// <summary>The tick that meets every page for the first time and makes all files.</summary>
    public required double FirstTick { get; init; }

    public required Spread Tick { get; init; }

    /// <summary>The tick that ended the day.</summary>
    public required double DayTick { get; init; }

    /// <summary>Ticks while rounds of syncing follow each other without a pause.</summary>
    public required Spread TickDuringSync { get; init; }

    /// <summary>A round of syncing after 30 s of samples.</summary>
    public required Spread Sync { get; init; }

    /// <summary>Copying as many bytes as a tick reads and writes.</summary>
    public required double Copy { get; init; }

    /// <summary>Over what the process had before.</summary>
    public required long AnonymousBytes { get; init; }

    public required long ManagedBytes { get; init; }

    /// <summary>Of the process right after a tick.</summary>
    public required long ResidentBytes { get; init; }

    public required long DiskBytes { get; init; }

    public required int UpdatesBytes { get; init; }

    public required double UpdatesFirstByte { get; init; }

    public required double Updates { get; init; }

    /// <summary>NaN where it was not measured.</summary>
    public required double Archive { get; init; }

    public required long LastStep { get; init; }
}
