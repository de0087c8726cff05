using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>A user of this host.</summary>
/// <param name="UserId">Its number.</param>
/// <param name="GroupId">The number of its main group.</param>
/// <param name="Name">Its name.</param>
/// <param name="Home">Its home, which need not be there.</param>
/// <param name="Shell">What it logs in with.</param>
public readonly partial record struct PosixUser(uint UserId, uint GroupId, string Name, string Home, string Shell)
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
            return User(found);
        }
    }

    /// <summary>Finds a user by its number.</summary>
    /// <inheritdoc cref="Find(string)"/>
    public static unsafe PosixUser? Find(uint userId)
    {
        Entry entry;
        Entry* found = null;
        fixed (byte* texts = new byte[MaxEntryBytes])
        {
            Require("getpwuid_r", getpwuid_r(userId, &entry, texts, MaxEntryBytes, &found));
            return User(found);
        }
    }

    /// <summary>Finds the number of a group by its name.</summary>
    /// <inheritdoc cref="Find(string)"/>
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

    /// <summary>A copy of an entry, whose texts lie in the caller's room.</summary>
    private static unsafe PosixUser? User(Entry* entry) => entry is null
        ? null
        : new PosixUser(entry->First, entry->Second, Text(entry->Name), Text(entry->Home), Text(entry->Shell));

    private static string Text(nint text) => Marshal.PtrToStringUTF8(text) ?? "";

    private static void Require(string call, int errno)
    {
        if (errno != 0 && !NotFound.Contains(errno))
        {
            throw new PosixException(call, errno);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int getpwnam_r(string name, Entry* entry, byte* texts, nuint length, Entry** found);

    [LibraryImport("libc")]
    private static unsafe partial int getpwuid_r(uint user, Entry* entry, byte* texts, nuint length, Entry** found);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int getgrnam_r(string name, Entry* entry, byte* texts, nuint length, Entry** found);

    /// <summary>The C library's struct passwd or group on 64-bit systems: two pointers, then numbers; what a
    /// group has behind them is not read.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Entry
    {
        [FieldOffset(0)]
        public nint Name;

        /// <summary>The user of a passwd, the group of a group.</summary>
        [FieldOffset(16)]
        public uint First;

        /// <summary>The main group of a passwd.</summary>
        [FieldOffset(20)]
        public uint Second;

        /// <summary>Of a passwd alone.</summary>
        [FieldOffset(32)]
        public nint Home;

        /// <summary>Of a passwd alone.</summary>
        [FieldOffset(40)]
        public nint Shell;
    }
}
