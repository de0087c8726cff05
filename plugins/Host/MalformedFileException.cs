namespace CollectorAgent.HostPlugin;

/// <summary>A kernel file does not hold what it should. What could be read of it has been reported.</summary>
internal sealed class MalformedFileException(string path, string what) : IOException($"{path}: {what}");
