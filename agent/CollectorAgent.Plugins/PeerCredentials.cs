using System.Net.Sockets;

namespace CollectorAgent.Plugins;

/// <summary>Asks the kernel who is at the other end of a Unix socket.</summary>
public static class PeerCredentials
{
    // SOL_SOCKET and SO_PEERCRED of Linux.
    private const int SocketLevel = 1;
    private const int PeerCredentialsOption = 17;

    /// <returns>Null where the kernel does not say.</returns>
    public static PeerIdentity? Of(Socket socket)
    {
        // struct ucred: pid, uid, gid.
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        return socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, credentials) == credentials.Length
            ? new PeerIdentity(
                BitConverter.ToInt32(credentials), BitConverter.ToUInt32(credentials[4..]), BitConverter.ToUInt32(credentials[8..]))
            : null;
    }
}
