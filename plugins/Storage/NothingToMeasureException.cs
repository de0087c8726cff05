namespace CollectorAgent.Storage;

/// <summary>Storage was looked at, and nothing of it is what a plugin reports.</summary>
public sealed class NothingToMeasureException(string message) : Exception(message);
