namespace CollectorAgent.Native;

/// <summary>What kind of thing a path names.</summary>
public enum FileKind
{
    RegularFile,
    Folder,
    SymbolicLink,
    BlockDevice,
    Other,
}

/// <summary>A file as the kernel knows it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Inode">With <paramref name="Device"/>: which file it is, whatever its name.</param>
/// <param name="Device">The file system it lies on.</param>
/// <param name="UserId">Whose it is.</param>
/// <param name="SizeBytes">Its length.</param>
/// <param name="AllocatedBytes">What it takes on the disk; less than its length where it has holes.</param>
public readonly record struct FileStatus(FileKind Kind, ulong Inode, ulong Device, uint UserId, ulong SizeBytes, ulong AllocatedBytes)
{
    /// <summary>When its content, owner or rights were changed last, in nanoseconds since 1970. Nobody can set it, as one can the time of
    /// the last write.</summary>
    public long ChangedNanoseconds { get; init; }

    /// <summary>Who may do what with it.</summary>
    public UnixFileMode Mode { get; init; }
}
