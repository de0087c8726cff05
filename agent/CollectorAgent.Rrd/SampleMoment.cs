namespace CollectorAgent.Rrd;

/// <summary>When a sample was taken, in relation to the steps of its tile. All in seconds.</summary>
internal readonly struct SampleMoment
{
    /// <summary>Since the sample before it; NaN where there is none.</summary>
    public required double Interval { get; init; }

    /// <summary>How much of the interval lies in the step that is not over.</summary>
    public required double Before { get; init; }

    /// <summary>How much of it lies behind the steps that the sample ends.</summary>
    public required double After { get; init; }

    /// <summary>How much of the step that is not over has been sampled, this sample included.</summary>
    public required double Covered { get; init; }

    /// <summary>Since the last sample that ended a step.</summary>
    public required double SinceEnding { get; init; }

    public required double HalfStep { get; init; }

    /// <summary>The sample ends a step.</summary>
    public required bool Ends { get; init; }

    /// <summary>The sample is from after the end of the step that is not over.</summary>
    public required bool HasFollowingPart { get; init; }
}
