namespace CollectorAgent.Sampling;

/// <summary>How a plugin's page is doing.</summary>
public enum PluginState
{
    /// <summary>Registered; no sample yet.</summary>
    Waiting,

    /// <summary>The last tick found a new sample.</summary>
    Live,

    /// <summary>The page has not changed for a tick or two; the next sample speaks for the gap.</summary>
    Late,

    /// <summary>The page has not changed for three ticks: its values are unknown.</summary>
    Silent,

    /// <summary>The page cannot be read: its values are unknown.</summary>
    Failing,
}
