namespace CollectorAgent.Storage;

/// <summary>What a program printed.</summary>
/// <param name="ExitCode">0 where all went well.</param>
/// <param name="Output">All of its standard output.</param>
/// <param name="LastError">The last line of its standard error, made fit for a message; empty where there is none.</param>
internal sealed record ProgramOutput(int ExitCode, ReadOnlyMemory<byte> Output, string LastError);
