using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>Calls for descriptors that the process was started with.</summary>
public static partial class PosixDescriptor
{
    private const int GetFlags = 1;
    private const int CloseOnExec = 1;
    private const int TryAgain = 11;
    private const short CanWrite = 4;
    private const int ReadWrite = 2;

    // Long enough not to be busy, short enough not to matter.
    private const int PollMilliseconds = 1000;

    /// <summary>Whether a descriptor was there when the process was started. One that the process has opened itself is closed in its
    /// children, and
    /// the kernel would not have passed such a one on.</summary>
    public static bool IsInherited(int descriptor)
    {
        int flags = fcntl(descriptor, GetFlags);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }

    /// <summary>Opens the null device as the lowest descriptor that is free.</summary>
    /// <returns>Its number; less than 0 where that failed.</returns>
    public static int OpenNull() => open("/dev/null", ReadWrite);

    /// <summary>Whether a descriptor is open at all.</summary>
    public static bool IsOpen(int descriptor) => fcntl(descriptor, GetFlags) >= 0;

    /// <summary>Writes all of it, and waits for ever where nobody reads.</summary>
    /// <exception cref="PosixException">Some of it cannot be written.</exception>
    public static unsafe void Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint count;
            fixed (byte* start = bytes)
            {
                count = write(descriptor, start, (nuint)bytes.Length);
            }
            if (count >= 0)
            {
                bytes = bytes[(int)count..];
                continue;
            }
            int errno = Marshal.GetLastPInvokeError();
            if (errno == TryAgain)
            {
                // Somebody who has it too does not want to wait; this process does.
                PollEntry entry = new() { Descriptor = descriptor, Wanted = CanWrite };
                poll(&entry, 1, PollMilliseconds);
            }
            else if (errno != PosixException.Interrupted)
            {
                throw new PosixException("write", errno);
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int poll(PollEntry* entries, nuint count, int milliseconds);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }
}
