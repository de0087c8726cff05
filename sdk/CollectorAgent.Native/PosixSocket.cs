using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>Calls for sockets that .NET does not offer.</summary>
public static class PosixSocket
{
    // So many descriptors the kernel takes with one message: with room for all of them none is dropped unseen.
    private const int MaxDescriptors = 253;

    /// <summary>Process, user and group at the other end of a connected Unix socket, as the kernel knows them.</summary>
    /// <exception cref="PosixException">It is no such socket.</exception>
    public static unsafe (int Pid, uint UserId, uint GroupId) Peer(SafeSocketHandle socket)
    {
        using var open = new OpenDescriptor(socket);
        ucred peer;
        socklen_t length = sizeof(ucred);
        return LibC.getsockopt(open.Number, LibC.SOL_SOCKET, LibC.SO_PEERCRED, &peer, &length) == 0
            ? (peer.pid, peer.uid, peer.gid)
            : throw PosixException.Last("getsockopt");
    }

    /// <summary>Reads what has arrived on a Unix stream socket, with the first descriptor that was passed along; further ones are closed.</summary>
    /// <param name="descriptor">The caller's to dispose of; null where none came. Programs that are started do not inherit it.</param>
    /// <returns>Number of bytes; 0 at the end; -1 where nothing has arrived yet.</returns>
    /// <exception cref="PosixException">It cannot be read; <see cref="PosixException.TooManyOpenFiles"/> where a descriptor was lost because
    /// the process may have no more of them.</exception>
    public static unsafe int Receive(SafeSocketHandle socket, Span<byte> buffer, out SafeFileHandle? descriptor)
    {
        using var open = new OpenDescriptor(socket);
        int controlLength = LibC.CMSG_SPACE(MaxDescriptors * sizeof(int));
        byte* control = stackalloc byte[controlLength];
        nint count;
        msghdr message;
        do
        {
            fixed (byte* start = buffer)
            {
                iovec vector = new() { iov_base = start, iov_len = buffer.Length };
                message = new msghdr { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = controlLength };
                count = (nint)LibC.recvmsg(open.Number, &message, LibC.MSG_DONTWAIT | LibC.MSG_CMSG_CLOEXEC);
            }
        }
        while (count < 0 && LibC.errno == LibC.EINTR);
        descriptor = null;
        if (count < 0)
        {
            return LibC.errno == LibC.EAGAIN ? -1 : throw PosixException.Last("recvmsg");
        }
        descriptor = KeepFirst(&message);
        if ((message.msg_flags & LibC.MSG_CTRUNC) != 0)
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
        if (Option(descriptor, LibC.SO_TYPE) != LibC.SOCK_STREAM || Option(descriptor, LibC.SO_ACCEPTCONN) != 0)
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
        using var open = new OpenDescriptor(descriptor);
        int value;
        socklen_t length = sizeof(int);
        return LibC.getsockopt(open.Number, LibC.SOL_SOCKET, option, &value, &length) == 0 ? value : null;
    }

    private static unsafe SafeFileHandle? KeepFirst(msghdr* message)
    {
        SafeFileHandle? first = null;
        for (var header = LibC.CMSG_FIRSTHDR(message); header is not null; header = LibC.CMSG_NXTHDR(message, header))
        {
            if (header->cmsg_level != LibC.SOL_SOCKET || header->cmsg_type != LibC.SCM_RIGHTS)
            {
                continue;
            }
            int* passed = (int*)LibC.CMSG_DATA(header);
            int count = ((int)header->cmsg_len - LibC.CMSG_LEN(0)) / sizeof(int);
            for (int i = 0; i < count; i++)
            {
                var descriptor = new SafeFileHandle(passed[i], ownsHandle: true);
                if (first is null)
                {
                    first = descriptor;
                }
                else
                {
                    descriptor.Dispose();
                }
            }
        }
        return first;
    }
}
