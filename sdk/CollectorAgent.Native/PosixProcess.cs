using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>Process calls that .NET does not offer.</summary>
public static class PosixProcess
{
    /// <summary>The user with whose rights this process works.</summary>
    public static uint UserId => LibC.geteuid();

    /// <summary>The session of a process; 0 if the process has gone, or its session began outside this container.</summary>
    public static int SessionOf(int pid) => Math.Max(0, LibC.getsid(pid));

    /// <summary>Asks all processes of a group to end.</summary>
    /// <param name="group">Id of the group, which is the id of the process that it began with.</param>
    /// <returns>False where there is none of that id any more.</returns>
    /// <exception cref="PosixException">They are not ours to end.</exception>
    public static bool TerminateGroup(int group)
    {
        // 0 would mean the caller's own group, -1 every process there is.
        ArgumentOutOfRangeException.ThrowIfLessThan(group, 2);
        return Signal(-group, LibC.SIGTERM);
    }

    /// <summary>Ends all processes of a group at once.</summary>
    /// <inheritdoc cref="TerminateGroup"/>
    public static bool KillGroup(int group)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(group, 2);
        return Signal(-group, LibC.SIGKILL);
    }

    /// <summary>Ends this process here and now: nothing else of it runs any more, and nothing is flushed.</summary>
    public static void EndThis(int exitCode) => LibC._exit(exitCode);

    /// <summary>Ends a process at once.</summary>
    /// <returns>False where there is none of that id any more.</returns>
    /// <exception cref="PosixException">It is not ours to end.</exception>
    public static bool Kill(int pid)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 2);
        return Signal(pid, LibC.SIGKILL);
    }

    private static bool Signal(int pid, int signal)
    {
        return LibC.kill(pid, signal) == 0 || (LibC.errno == LibC.ESRCH ? false : throw PosixException.Last($"kill {pid}"));
    }
}
