namespace CollectorAgent;

/// <summary>The administrator asked for something that cannot be.</summary>
internal sealed class OptionException(string message) : Exception(message);
