using Mono.Unix.Native;
using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>A user of this host.</summary>
/// <param name="UserId">Its number.</param>
/// <param name="GroupId">The number of its main group.</param>
/// <param name="Name">Its name.</param>
/// <param name="Home">Its home, which need not be there.</param>
/// <param name="Shell">What it logs in with.</param>
public readonly record struct PosixUser(uint UserId, uint GroupId, string Name, string Home, string Shell)
{
    // What C libraries may say of a name that nobody has, as on a host without a list of them.
    private static readonly int[] NotFound = [LibC.EPERM, LibC.ENOENT, LibC.ESRCH, LibC.EBADF];

    /// <summary>Finds a user by name, wherever this host keeps its users.</summary>
    /// <returns>Null if nobody has that name.</returns>
    /// <exception cref="PosixException">The system cannot say.</exception>
    public static PosixUser? Find(string name)
    {
        Require("getpwnam_r", Syscall.getpwnam_r(name, new Passwd(), out var found));
        return User(found);
    }

    /// <summary>Finds a user by its number.</summary>
    /// <inheritdoc cref="Find(string)"/>
    public static PosixUser? Find(uint userId)
    {
        Require("getpwuid_r", Syscall.getpwuid_r(userId, new Passwd(), out var found));
        return User(found);
    }

    /// <summary>Finds the number of a group by its name.</summary>
    /// <inheritdoc cref="Find(string)"/>
    public static uint? FindGroup(string name)
    {
        Require("getgrnam_r", Syscall.getgrnam_r(name, new Group(), out var found));
        return found?.gr_gid;
    }

    private static PosixUser? User(Passwd? found) => found is null
        ? null
        : new PosixUser(found.pw_uid, found.pw_gid, found.pw_name, found.pw_dir ?? "", found.pw_shell ?? "");

    private static void Require(string call, int errno)
    {
        if (errno != 0 && !NotFound.Contains(errno))
        {
            throw new PosixException(call, errno);
        }
    }
}
