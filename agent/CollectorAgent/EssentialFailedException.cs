namespace CollectorAgent;

/// <summary>Something that the agent cannot do without has failed while it ran.</summary>
internal sealed class EssentialFailedException(Exception cause) : Exception(cause.Message, cause);
