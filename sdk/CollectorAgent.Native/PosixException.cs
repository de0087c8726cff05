using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>A system call failed.</summary>
public sealed class PosixException : IOException
{
    /// <summary>There is no such file.</summary>
    public const int NoSuchFile = 2;

    /// <summary>A call was interrupted by a signal.</summary>
    public const int Interrupted = 4;

    /// <summary>There is no memory; for mappings also: the process has as many as it may.</summary>
    public const int NoMemory = 12;

    /// <summary>There is a file of that name.</summary>
    public const int FileExists = 17;

    /// <summary>What should be a folder on the way is none.</summary>
    public const int NoFolder = 20;

    /// <summary>The process has as many open files as it may.</summary>
    public const int TooManyOpenFiles = 24;

    /// <summary>The disk is full.</summary>
    public const int NoSpace = 28;

    /// <summary>The file system cannot do that.</summary>
    public const int NotSupported = 95;

    public PosixException(string call, int errno)
        : base($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}")
    {
        Errno = errno;
        Reason = Marshal.GetPInvokeErrorMessage(errno);
        // As the exceptions of .NET's own files have it.
        HResult = errno;
    }

    public int Errno { get; }

    /// <summary>What the system says, without the call: for who knows what was to be done.</summary>
    public string Reason { get; }
}
