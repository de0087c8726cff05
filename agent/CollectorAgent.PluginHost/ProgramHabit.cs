namespace CollectorAgent.PluginHost;

/// <summary>How a program that prints values goes about it. It does not say so: it is seen.</summary>
internal enum ProgramHabit
{
    /// <summary>It has not been seen yet.</summary>
    Unknown,

    /// <summary>It is run for each sample and ends by itself: all it prints is one block, with empty lines or without.</summary>
    Ends,

    /// <summary>It stays, and says where each block ends.</summary>
    Stays,
}
