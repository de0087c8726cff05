using System.Runtime.InteropServices;

namespace CollectorAgent.Benchmarks;

/// <summary>Processor time of the calling thread: what other programs take meanwhile does not count.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    /// <summary>Milliseconds that something took the calling thread.</summary>
    public static double Milliseconds(Action act)
    {
        double started = Now();
        act();
        return Now() - started;
    }

    private static double Now()
    {
        int result = GetTime(ThreadCpuTime, out var time);
        return result == 0 ? (time.Seconds * 1e3) + (time.Nanoseconds / 1e6) : throw new InvalidOperationException("there is no clock of the thread");
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
