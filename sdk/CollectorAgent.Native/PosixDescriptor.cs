using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>Calls for descriptors that the process was started with.</summary>
public static class PosixDescriptor
{
    // Long enough not to be busy, short enough not to matter.
    private const int PollMilliseconds = 1000;

    /// <summary>Whether a descriptor was there when the process was started. One that the process has opened itself is closed in its
    /// children, and
    /// the kernel would not have passed such a one on.</summary>
    public static bool IsInherited(int descriptor)
    {
        int flags = LibC.fcntl(descriptor, LibC.F_GETFD);
        return flags >= 0 && (flags & LibC.FD_CLOEXEC) == 0;
    }

    /// <summary>Opens the null device as the lowest descriptor that is free.</summary>
    /// <returns>Its number; less than 0 where that failed.</returns>
    public static unsafe int OpenNull()
    {
        fixed (byte* path = "/dev/null"u8)
        {
            return LibC.open(path, LibC.O_RDWR);
        }
    }

    /// <summary>Whether a descriptor is open at all.</summary>
    public static bool IsOpen(int descriptor) => LibC.fcntl(descriptor, LibC.F_GETFD) >= 0;

    /// <summary>Writes all of it, and waits for ever where nobody reads.</summary>
    /// <exception cref="PosixException">Some of it cannot be written.</exception>
    public static unsafe void Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint count;
            fixed (byte* start = bytes)
            {
                count = (nint)LibC.write(descriptor, start, bytes.Length);
            }
            if (count >= 0)
            {
                bytes = bytes[(int)count..];
                continue;
            }
            int errno = LibC.errno;
            if (errno == LibC.EAGAIN)
            {
                // Somebody who has it too does not want to wait; this process does.
                pollfd entry = new() { fd = descriptor, events = LibC.POLLOUT };
                _ = LibC.poll(&entry, 1, PollMilliseconds);
            }
            else if (errno != LibC.EINTR)
            {
                throw new PosixException("write", errno);
            }
        }
    }
}
