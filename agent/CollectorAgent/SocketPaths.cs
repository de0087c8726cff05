using System.Net;
using System.Net.Sockets;
using CollectorAgent.Daemon;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;

namespace CollectorAgent;

/// <summary>The agent's addresses, and the names of its Unix sockets in the file system: cleared for it, shared with its group, known under
/// a second name.</summary>
internal static class SocketPaths
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the folder of the sockets and takes away what an earlier agent has left there.</summary>
    /// <exception cref="StartException">They cannot lie there.</exception>
    public static void Prepare(AgentPaths paths, string advice)
    {
        MakeRoom(paths.Socket, advice);
        MakeRoom(paths.ForwardedSocket, advice);
    }

    /// <summary>Gives the socket, which is listened on, to its owner and the agent's group, and adds its second name.</summary>
    /// <exception cref="StartException">That cannot be done.</exception>
    public static void Share(AgentPaths paths, string advice)
    {
        StartStep.Do($"The socket {paths.Socket} cannot be shared", advice, () =>
        {
            File.SetUnixFileMode(paths.Socket, Owner);
            AgentGroup.Share(paths.Socket, Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        });
        Link(paths, advice);
    }

    /// <summary>Adds the second name of the socket, unless it is there.</summary>
    /// <exception cref="StartException">That cannot be done.</exception>
    public static void Link(AgentPaths paths, string advice) => AddAlias(paths.SocketAlias, paths.Socket, advice);

    /// <summary>Whether somebody listens on a socket.</summary>
    public static bool IsListenedOn(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException e)
        {
            // Whoever has no room for one more does listen.
            return e.SocketErrorCode == SocketError.WouldBlock;
        }
    }

    /// <summary>Whether an address could be listened on.</summary>
    public static bool CanListenOn(IPEndPoint address)
    {
        try
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Makes the folder of a socket and removes the socket of an earlier run, but not one that somebody listens on.</summary>
    /// <exception cref="StartException">Somebody does, or it cannot lie there.</exception>
    public static void MakeRoom(string path, string advice)
    {
        PrivateFolder.Make(Path.GetDirectoryName(path)!, PrivateFolder.Passable, advice);
        if (IsListenedOn(path))
        {
            throw new StartException($"Another daemon listens on {path}. Stop it first, or choose another root with --root DIR.");
        }
        StartStep.Do($"What lies at {path}, where the agent's socket has to be, cannot be removed", advice, () => File.Delete(path));
    }

    private static void AddAlias(string alias, string socket, string advice)
    {
        if (new FileInfo(alias).LinkTarget == socket)
        {
            return;
        }
        string folder = Path.GetDirectoryName(alias)!;
        StartStep.Do($"The link {alias} to the socket cannot be made", advice, () =>
        {
            var target = Directory.Exists(folder) ? Directory.ResolveLinkTarget(folder, returnFinalTarget: true) : null;
            if (target?.FullName == Path.GetDirectoryName(socket))
            {
                // The whole folder is an alias already.
                return;
            }
            PrivateFolder.Make(folder, PrivateFolder.Passable, advice);
            File.Delete(alias);
            File.CreateSymbolicLink(alias, socket);
        });
    }
}
