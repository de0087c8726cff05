using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>What the kernel allows this process.</summary>
public static partial class PosixLimits
{
    // RLIMIT_NOFILE: the kernel numbers it alike on x86 and ARM.
    private const int OpenFiles = 7;

    /// <summary>So many descriptors it may have open at once. Raises what counts to what is allowed at most, where it is less.</summary>
    /// <exception cref="PosixException">The system cannot say.</exception>
    public static unsafe long RaiseOpenFiles()
    {
        Limit limit;
        if (getrlimit(OpenFiles, &limit) != 0)
        {
            throw new PosixException("getrlimit", Marshal.GetLastPInvokeError());
        }
        if (limit.Soft < limit.Hard)
        {
            Limit raised = new() { Soft = limit.Hard, Hard = limit.Hard };
            // Where it cannot be raised, what counts goes on counting.
            limit = setrlimit(OpenFiles, &raised) == 0 ? raised : limit;
        }
        return (long)Math.Min(limit.Soft, int.MaxValue);
    }

    /// <summary>Which rights the files and folders that it makes do not get.</summary>
    /// <returns>Which those were before.</returns>
    public static UnixFileMode SetUmask(UnixFileMode left) => (UnixFileMode)umask((uint)left);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getrlimit(int resource, Limit* limit);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int setrlimit(int resource, Limit* limit);

    [LibraryImport("libc")]
    private static partial uint umask(uint mask);

    /// <summary>struct rlimit on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
