namespace CollectorAgent.Plugins;

/// <summary>What the processes of one session use together.</summary>
/// <param name="CpuSeconds">Since each of them started, with what children that have ended had used.</param>
/// <param name="ResidentBytes">Pages that they share count once for each.</param>
internal readonly record struct SessionUsage(int Processes, double CpuSeconds, long ResidentBytes)
{
    public SessionUsage Plus(SessionUsage other) =>
        new(Processes + other.Processes, CpuSeconds + other.CpuSeconds, ResidentBytes + other.ResidentBytes);
}
