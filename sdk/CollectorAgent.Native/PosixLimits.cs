using Mono.Unix.Native;

namespace CollectorAgent.Native;

/// <summary>What the kernel allows this process.</summary>
public static class PosixLimits
{
    /// <summary>So many descriptors it may have open at once. Raises what counts to what is allowed at most, where it is less.</summary>
    /// <exception cref="PosixException">The system cannot say.</exception>
    public static unsafe long RaiseOpenFiles()
    {
        Bindings.Rlimit limit;
        if (Bindings.getrlimit(Bindings.RlimitNoFile, &limit) != 0)
        {
            throw PosixException.Last("getrlimit");
        }
        if (limit.Soft < limit.Hard)
        {
            Bindings.Rlimit raised = new() { Soft = limit.Hard, Hard = limit.Hard };
            // Where it cannot be raised, what counts goes on counting.
            limit = Bindings.setrlimit(Bindings.RlimitNoFile, &raised) == 0 ? raised : limit;
        }
        return (long)Math.Min(limit.Soft, int.MaxValue);
    }

    /// <summary>Which rights the files and folders that it makes do not get.</summary>
    /// <returns>Which those were before.</returns>
    public static UnixFileMode SetUmask(UnixFileMode left) => (UnixFileMode)Syscall.umask((FilePermissions)left);
}
