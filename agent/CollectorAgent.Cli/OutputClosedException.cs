namespace CollectorAgent.Cli;

/// <summary>Whoever read the output has read enough.</summary>
internal sealed class OutputClosedException(Exception inner) : Exception("nobody reads the output any more", inner);
