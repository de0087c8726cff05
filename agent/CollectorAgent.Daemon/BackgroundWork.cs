namespace CollectorAgent.Daemon;

/// <summary>What a background task does until the token says stop.</summary>
public delegate Task BackgroundWork(CancellationToken stop);
