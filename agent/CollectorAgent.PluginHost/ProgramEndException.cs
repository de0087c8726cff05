namespace CollectorAgent.PluginHost;

/// <summary>A program that prints values has ended with an exit code that is meant for the agent: its host ends with the same.</summary>
/// <param name="exitCode">One of <see cref="Protocol.PluginExitCode"/>.</param>
internal sealed class ProgramEndException(string message, int exitCode) : Exception(message)
{
    public int ExitCode => exitCode;
}
