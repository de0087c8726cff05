using System.Globalization;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>The processor time of a thread.</summary>
internal static class ThreadTime
{
    // USER_HZ, the unit of times in this file on every architecture in use.
    private const double TicksPerSecond = 100;

    // Places in what follows the name.
    private const int UserPlace = 11;
    private const int SystemPlace = 12;

    /// <summary>What the calling thread has had of a processor so far, in steps of 10 ms.</summary>
    public static TimeSpan Used
    {
        get
        {
            string stat = File.ReadAllText("/proc/thread-self/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return TimeSpan.FromSeconds((Ticks(fields[UserPlace]) + Ticks(fields[SystemPlace])) / TicksPerSecond);
        }
    }

    private static long Ticks(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
