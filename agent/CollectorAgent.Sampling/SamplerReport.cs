namespace CollectorAgent.Sampling;

/// <summary>What is known of the ticks, copied at one moment.</summary>
/// <param name="Ticks">Ticks since the start.</param>
/// <param name="Changes">How often an RRD was changed between two ticks.</param>
/// <param name="Missed">Steps without a tick, because one before it took too long.</param>
/// <param name="ClockJumps">How often the wall clock was set.</param>
/// <param name="AheadSeconds">Recorded time less wall time.</param>
/// <param name="LastStepEnd">End of the newest recorded step, in Unix seconds; 0 before the first.</param>
/// <param name="LastDurationMs">How long the last tick took.</param>
/// <param name="LastLatenessMs">How long after it was due it began.</param>
public sealed record SamplerReport(
    long Ticks, long Changes, long Missed, long ClockJumps, long AheadSeconds, long LastStepEnd, double LastDurationMs, double LastLatenessMs)
{
    /// <summary>When the tick under way began, in Unix seconds; null between ticks.</summary>
    public double? TickSince { get; init; }

    /// <summary>Pages that wait for the next tick to look at what has changed on them.</summary>
    public int WaitingPages { get; init; }

    /// <summary>Owners that wait for the next tick, of pages that do not wait themselves.</summary>
    public int WaitingOwners { get; init; }

    /// <summary>The oldest step whose value is news: what has had none since is silent, and unknown.</summary>
    public long OldestNews => LastStepEnd / Rrd.ArchiveLayout.StandardStepSeconds - SampledPlugin.SilentAfterTicks;
}
