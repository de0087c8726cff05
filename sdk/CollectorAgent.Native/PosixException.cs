using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>A system call failed.</summary>
public sealed class PosixException : IOException
{
    /// <summary>There is no such file.</summary>
    public const int NoSuchFile = 2;

    public PosixException(string call, int errno)
        : base($"{call}: {Marshal.GetPInvokeErrorMessage(errno)}")
    {
        Errno = errno;
    }

    public int Errno { get; }
}
