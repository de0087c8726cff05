using System.Runtime.InteropServices;
using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>A system call failed.</summary>
public sealed class PosixException : IOException
{
    /// <summary>There is no such file.</summary>
    public static int NoSuchFile => LibC.ENOENT;

    /// <summary>A call was interrupted by a signal.</summary>
    internal static int Interrupted => LibC.EINTR;

    /// <summary>There is no memory; for mappings also: the process has as many as it may.</summary>
    public static int NoMemory => LibC.ENOMEM;

    /// <summary>There is a file of that name.</summary>
    public static int FileExists => LibC.EEXIST;

    /// <summary>The process has as many open files as it may.</summary>
    public static int TooManyOpenFiles => LibC.EMFILE;

    /// <summary>The disk is full.</summary>
    internal static int NoSpace => LibC.ENOSPC;

    /// <summary>The user has as much on the disk as a quota allows.</summary>
    internal static int OverQuota => LibC.EDQUOT;

    /// <summary>The file system cannot do that.</summary>
    public static int NotSupported => LibC.EOPNOTSUPP;

    public PosixException(string call, int errno)
        : base($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}")
    {
        Errno = errno;
        Reason = Marshal.GetPInvokeErrorMessage(errno);
        // As the exceptions of .NET's own files have it.
        HResult = errno;
    }

    /// <summary>Whether a disk is full, or a quota, also where an exception of .NET says so.</summary>
    public static bool IsDiskFull(Exception e) => e is IOException && (e.HResult == NoSpace || e.HResult == OverQuota);

    /// <summary>What the last failed call of this thread said.</summary>
    internal static PosixException Last(string call) => new(call, LibC.errno);

    public int Errno { get; }

    /// <summary>There is no file at the path, or what should be a folder on the way is a file.</summary>
    public bool IsMissing => Errno == LibC.ENOENT || Errno == LibC.ENOTDIR;

    /// <summary>What the system says, without the call: for who knows what was to be done.</summary>
    public string Reason { get; }
}
