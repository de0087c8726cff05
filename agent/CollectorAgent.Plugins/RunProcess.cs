namespace CollectorAgent.Plugins;

/// <summary>A process of a plugin.</summary>
/// <param name="Run">Which start of a plugin it comes from.</param>
internal readonly record struct RunProcess(int Pid, int Run, RunUsage Usage);
