namespace CollectorAgent.Daemon;

/// <summary>Another agent works with the same files.</summary>
public sealed class InstanceTakenException(string message) : StartException(message);
