using System.Net.Sockets;
using CollectorAgent.Native;

namespace CollectorAgent.Plugins;

/// <summary>Asks the kernel who is at the other end of a Unix socket.</summary>
public static class PeerCredentials
{
    /// <exception cref="PosixException">It does not say.</exception>
    public static PeerIdentity Of(Socket socket)
    {
        var (pid, user, group) = PosixSocket.Peer(socket.SafeHandle);
        return new PeerIdentity(pid, user, group);
    }
}
