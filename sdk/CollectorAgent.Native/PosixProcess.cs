using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>Process calls that .NET does not offer.</summary>
public static partial class PosixProcess
{
    private const int SigTerm = 15;
    private const int NoSuchProcess = 3;

    /// <summary>The user with whose rights this process works.</summary>
    public static uint UserId => geteuid();

    /// <summary>Asks a process to end.</summary>
    /// <param name="pid">One process; 0 and below would mean whole groups of them.</param>
    /// <returns>False where there is none of that id any more.</returns>
    /// <exception cref="PosixException">It is not ours to end.</exception>
    public static bool Terminate(int pid)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        if (kill(pid, SigTerm) == 0)
        {
            return true;
        }
        int errno = Marshal.GetLastPInvokeError();
        return errno == NoSuchProcess ? false : throw new PosixException($"kill {pid}", errno);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
