using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>A user of this host.</summary>
/// <param name="UserId">Its number.</param>
/// <param name="GroupId">The number of its main group.</param>
public readonly partial record struct PosixUser(uint UserId, uint GroupId)
{
    // EPERM, ENOENT, ESRCH and EBADF: what C libraries may say where there is none of a name, as on a host without a list of them.
    private static readonly int[] NotFound = [1, 2, 3, 9];

    // Room for the texts of an entry: a group lists its members.
    private const int MaxEntryBytes = 1 << 20;

    /// <summary>Finds a user by name, wherever this host keeps its users.</summary>
    /// <returns>Null where there is none of that name.</returns>
    /// <exception cref="PosixException">The system cannot say.</exception>
    public static unsafe PosixUser? Find(string name)
    {
        Entry entry;
        Entry* found = null;
        fixed (byte* texts = new byte[MaxEntryBytes])
        {
            Require("getpwnam_r", getpwnam_r(name, &entry, texts, MaxEntryBytes, &found));
        }
        return found is null ? null : new PosixUser(entry.First, entry.Second);
    }

    /// <summary>Finds the number of a group by its name.</summary>
    /// <inheritdoc cref="Find"/>
    public static unsafe uint? FindGroup(string name)
    {
        Entry entry;
        Entry* found = null;
        fixed (byte* texts = new byte[MaxEntryBytes])
        {
            Require("getgrnam_r", getgrnam_r(name, &entry, texts, MaxEntryBytes, &found));
        }
        return found is null ? null : entry.First;
    }

    private static void Require(string call, int errno)
    {
        if (errno != 0 && !NotFound.Contains(errno))
        {
            throw new PosixException(call, errno);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int getpwnam_r(string name, Entry* entry, byte* texts, nuint length, Entry** found);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int getgrnam_r(string name, Entry* entry, byte* texts, nuint length, Entry** found);

    /// <summary>The C library's struct passwd or group on 64-bit systems: two pointers, then numbers; the rest is not read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Entry
    {
        /// <summary>The user of a passwd, the group of a group.</summary>
        [FieldOffset(16)]
        public uint First;

        /// <summary>The main group of a passwd.</summary>
        [FieldOffset(20)]
        public uint Second;
    }
}
