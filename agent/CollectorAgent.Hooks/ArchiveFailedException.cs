namespace CollectorAgent.Hooks;

/// <summary>An archive could not be read, written or sent. What was recorded is still here, and the call can be repeated.</summary>
/// <param name="message">Which, and why.</param>
public sealed class ArchiveFailedException(string message, Exception? cause = null) : Exception(message, cause);
