namespace CollectorAgent.Plugins;

/// <summary>What the processes of one run of a plugin use together.</summary>
/// <param name="CpuSeconds">Since each of them started, with what children that have ended had used.</param>
/// <param name="ResidentBytes">Pages that they share count once for each.</param>
internal readonly record struct RunUsage(int Processes, double CpuSeconds, long ResidentBytes)
{
    public RunUsage Plus(RunUsage other) =>
        new(Processes + other.Processes, CpuSeconds + other.CpuSeconds, ResidentBytes + other.ResidentBytes);
}
