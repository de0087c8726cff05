using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Native;

/// <summary>Calls of the C library, and numbers of its headers, that neither Tmds.LibC nor Mono.Posix has.</summary>
internal static unsafe partial class Bindings
{
    /// <summary>The descriptors that a process may have open, of <c>sys/resource.h</c>; the same on x86 and ARM, as are all limits here.</summary>
    public const int RlimitNoFile = 7;

    /// <summary>The locks on files that a process may hold, of <c>sys/resource.h</c>.</summary>
    public const int RlimitLocks = 10;

    /// <summary>Of <c>sys/file.h</c>.</summary>
    public const int LockShared = 1;

    /// <summary>Of <c>sys/file.h</c>.</summary>
    public const int LockExclusive = 2;

    /// <summary>Fail rather than wait; of <c>sys/file.h</c>.</summary>
    public const int LockNonBlocking = 4;

    /// <summary>The kernel's magic number of tmpfs, of <c>linux/magic.h</c>.</summary>
    public const long TmpfsMagic = 0x01021994;

    /// <summary>A child by its id, of <c>sys/wait.h</c>.</summary>
    public const int WaitByPid = 1;

    /// <summary>Return at once, of <c>sys/wait.h</c>.</summary>
    public const int WaitNoHang = 1;

    /// <summary>Children that have ended, of <c>sys/wait.h</c>.</summary>
    public const int WaitExited = 4;

    /// <summary>Leave the child to be waited for again, of <c>sys/wait.h</c>.</summary>
    public const int WaitNoWait = 0x01000000;

    /// <summary>The child has exited by itself, of <c>signal.h</c>.</summary>
    public const int ChildExited = 1;

    /// <summary>Of <c>spawn.h</c>.</summary>
    public const short SpawnSetSigDef = 4;

    /// <summary>Of <c>spawn.h</c>.</summary>
    public const short SpawnSetSigMask = 8;

    /// <summary>Of <c>spawn.h</c>, since glibc 2.26.</summary>
    public const short SpawnSetSid = 0x80;

    // posix_spawn: fork and exec in one call. Between the two no managed code may run, so LibC's fork is of no use.
    [LibraryImport("libc")]
    public static partial int posix_spawnattr_init(byte* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_destroy(byte* attributes);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setflags(byte* attributes, short flags);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_init(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_destroy(byte* actions);

    [LibraryImport("libc")]
    public static partial int posix_spawn_file_actions_adddup2(byte* actions, int file, int newFile);

    [LibraryImport("libc")]
    public static partial int posix_spawnp(int* id, byte* program, byte* actions, byte* attributes, byte** arguments, byte** environment);

    /// <summary>LibC has no way to wait for a child; Mono's waitpid takes its id away.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitid(int kind, int id, SignalInfo* info, int options);

    /// <summary>Limits are in neither package.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int getrlimit(int resource, Rlimit* limit);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setrlimit(int resource, Rlimit* limit);

    /// <summary>Both packages have locks of ranges only, which a process loses with any descriptor of the file that it closes.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(SafeFileHandle file, int operation);

    /// <summary>LibC's statvfs does not say of which kind a file system is.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial int fstatfs(SafeFileHandle file, Statfs* result);

    /// <summary>Mono's own resolves links one after another, and stops at the first that cannot be read.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial byte* realpath(byte* path, byte* resolved);

    /// <summary>For what realpath returns.</summary>
    [LibraryImport("libc")]
    public static partial void free(void* memory);

    /// <summary>The kernel's siginfo_t of a child on 64-bit systems. In that of LibC errno and code have changed places.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct SignalInfo
    {
        [FieldOffset(8)]
        public int Code;

        [FieldOffset(24)]
        public int Status;
    }

    /// <summary>struct rlimit on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Rlimit
    {
        public ulong Soft;
        public ulong Hard;
    }

    /// <summary>The beginning of struct statfs on 64-bit systems, with room to spare.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    public struct Statfs
    {
        [FieldOffset(0)]
        public long Type;
    }
}
