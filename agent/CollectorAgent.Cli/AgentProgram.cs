namespace CollectorAgent.Cli;

/// <summary>Where the agent's program lies.</summary>
internal static class AgentProgram
{
    private const string Name = "collector-agent";

    /// <summary>Names the program of the same build, in a checkout.</summary>
    private const string Switch = "CollectorAgent.AgentProgram";

    /// <exception cref="CliException">It is nowhere.</exception>
    public static string Find() => Places().FirstOrDefault(File.Exists) ?? throw new CliException(
        ExitCode.Unreachable,
        $"There is no {Name} beside collectorctl in {AppContext.BaseDirectory}, nor in PATH. Install it, or build it with 'dotnet build'.");

    private static IEnumerable<string> Places()
    {
        yield return Path.Combine(AppContext.BaseDirectory, Name);
        if (AppContext.GetData(Switch) is string built)
        {
            yield return built;
        }
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathRooted))
        {
            yield return Path.Combine(folder, Name);
        }
    }
}
