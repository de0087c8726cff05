namespace CollectorAgent.Daemon;

/// <summary>What a background task does now.</summary>
public enum BackgroundTaskState
{
    Running,

    /// <summary>It has failed and will be tried again.</summary>
    Waiting,

    /// <summary>There is nothing more to do for it.</summary>
    Done,
}
