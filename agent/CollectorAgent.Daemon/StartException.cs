namespace CollectorAgent.Daemon;

/// <summary>The agent cannot start. The message is one sentence: what is wrong, and what to do.</summary>
public class StartException(string message, Exception? cause = null) : Exception(message, cause);
