using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>What is known of a plugin that the agent runs, copied at one moment.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Name">Its name; that of its folder where the manifest cannot be read.</param>
/// <param name="State">How its process is doing.</param>
/// <param name="Reason">Why, and what it has said itself of its trouble; of one that runs, why it ended the last time, or else what it says
/// now. Empty where there is nothing to say.</param>
/// <param name="Manifest">What its folder says of it; null where that cannot be read.</param>
/// <param name="Pid">Its process, which leads a session of its own; 0 where none runs.</param>
/// <param name="StartedAt">When that was started.</param>
/// <param name="Restarts">How often it was started again.</param>
/// <param name="CpuSecondsPerTick">What it used in the last 5 s; NaN before it is known.</param>
/// <param name="Processes">How many processes it has.</param>
/// <param name="ResidentBytes">What they have in memory.</param>
public sealed record PluginRunReport(
    string Folder,
    string Name,
    PluginRunState State,
    string Reason,
    PluginManifest? Manifest,
    int Pid,
    DateTimeOffset? StartedAt,
    int Restarts,
    double CpuSecondsPerTick,
    int Processes,
    long ResidentBytes);
