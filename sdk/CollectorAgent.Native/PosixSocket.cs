using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Native;

/// <summary>Calls for sockets that .NET does not offer.</summary>
public static partial class PosixSocket
{
    private const int SocketLevel = 1;
    private const int TypeOption = 3;
    private const int PeerCredentialsOption = 17;
    private const int IsListeningOption = 30;
    private const int StreamType = 1;

    // SCM_RIGHTS
    private const int Descriptors = 1;

    private const int DoNotWait = 0x40;
    private const int CloseOnExecute = 0x40000000;
    private const int ControlTruncated = 8;

    private const int TryAgain = 11;

    // So many descriptors the kernel takes with one message: with room for all of them none is dropped unseen.
    private const int MaxDescriptors = 253;

    /// <summary>Process, user and group at the other end of a connected Unix socket, as the kernel knows them.</summary>
    /// <exception cref="PosixException">It is no such socket.</exception>
    public static unsafe (int Pid, uint UserId, uint GroupId) Peer(SafeSocketHandle socket)
    {
        // struct ucred: pid, uid, gid.
        uint* credentials = stackalloc uint[3];
        uint length = 3 * sizeof(uint);
        return getsockopt(socket, SocketLevel, PeerCredentialsOption, credentials, &length) == 0
            ? ((int)credentials[0], credentials[1], credentials[2])
            : throw new PosixException("getsockopt", Marshal.GetLastPInvokeError());
    }

    /// <summary>Reads what has arrived on a Unix stream socket, with the first descriptor that was passed along; further ones are closed.</summary>
    /// <param name="descriptor">The caller's to dispose of; null where none came. Programs that are started do not inherit it.</param>
    /// <returns>Number of bytes; 0 at the end; -1 where nothing has arrived yet.</returns>
    /// <exception cref="PosixException">It cannot be read; <see cref="PosixException.TooManyOpenFiles"/> where a descriptor was lost because
    /// the process may have no more of them.</exception>
    public static unsafe int Receive(SafeSocketHandle socket, Span<byte> buffer, out SafeFileHandle? descriptor)
    {
        byte* control = stackalloc byte[sizeof(ControlHeader) + MaxDescriptors * sizeof(int)];
        nint count;
        Message message;
        do
        {
            fixed (byte* start = buffer)
            {
                Vector vector = new() { Start = start, Length = (nuint)buffer.Length };
                message = new Message
                {
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = (nuint)(sizeof(ControlHeader) + MaxDescriptors * sizeof(int)),
                };
                count = recvmsg(socket, &message, DoNotWait | CloseOnExecute);
            }
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == PosixException.Interrupted);
        descriptor = null;
        if (count < 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            return errno == TryAgain ? -1 : throw new PosixException("recvmsg", errno);
        }
        descriptor = KeepFirst(control, (long)message.ControlLength);
        if ((message.Flags & ControlTruncated) != 0)
        {
            descriptor?.Dispose();
            throw new PosixException("recvmsg", PosixException.TooManyOpenFiles);
        }
        return (int)count;
    }

    /// <summary>Makes a socket of a descriptor, which then belongs to the socket.</summary>
    /// <returns>Null where it is no stream socket, or one that listens: the descriptor is still the caller's.</returns>
    public static Socket? TakeStream(SafeFileHandle descriptor)
    {
        if (Option(descriptor, TypeOption) != StreamType || Option(descriptor, IsListeningOption) != 0)
        {
            return null;
        }
        var handle = new SafeSocketHandle(descriptor.DangerousGetHandle(), ownsHandle: true);
        descriptor.SetHandleAsInvalid();
        try
        {
            return new Socket(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <returns>Null where it is no socket.</returns>
    private static unsafe int? Option(SafeFileHandle descriptor, int option)
    {
        int value;
        uint length = sizeof(int);
        return getsockopt(descriptor, SocketLevel, option, &value, &length) == 0 ? value : null;
    }

    private static unsafe SafeFileHandle? KeepFirst(byte* control, long length)
    {
        SafeFileHandle? first = null;
        // Headers begin at multiples of a word.
        for (long place = 0; place + sizeof(ControlHeader) <= length;)
        {
            var header = (ControlHeader*)(control + place);
            if (header->Length < (nuint)sizeof(ControlHeader))
            {
                break;
            }
            long end = Math.Min(place + (long)header->Length, length);
            bool isOfDescriptors = header->Level == SocketLevel && header->Type == Descriptors;
            for (long at = place + sizeof(ControlHeader); isOfDescriptors && at + sizeof(int) <= end; at += sizeof(int))
            {
                var passed = new SafeFileHandle(*(int*)(control + at), ownsHandle: true);
                if (first is null)
                {
                    first = passed;
                }
                else
                {
                    passed.Dispose();
                }
            }
            place += ((long)header->Length + sizeof(nuint) - 1) & -sizeof(nuint);
        }
        return first;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial nint recvmsg(SafeSocketHandle socket, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int getsockopt(SafeHandle socket, int level, int option, void* value, uint* length);

    /// <summary>The C library's struct msghdr on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 56)]
    private unsafe struct Message
    {
        [FieldOffset(16)]
        public Vector* Vectors;

        [FieldOffset(24)]
        public nuint VectorCount;

        [FieldOffset(32)]
        public byte* Control;

        [FieldOffset(40)]
        public nuint ControlLength;

        [FieldOffset(48)]
        public int Flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Vector
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary>struct cmsghdr; the descriptors follow it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
