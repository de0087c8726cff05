using System.Net;
using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>Looks again and again at the files by which the agent is found and kept to one: its Unix sockets and its lock. One that was
/// removed or replaced is made anew.</summary>
/// <param name="pathOf">The path of an address that is a file; null of others.</param>
public sealed class SocketWatch(Func<EndPoint, string?> pathOf, TimeProvider time, ILogger<SocketWatch> log)
{
    /// <summary>A socket that was removed is back after this time.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly List<Listened> _sockets = [];

    /// <summary>Watches until the token says stop.</summary>
    /// <param name="instance">The lock of the agent.</param>
    /// <param name="makeRoom">Removes what lies at the path of a socket, and makes its folder. It fails where another process listens there.</param>
    /// <param name="share">Gives the sockets their modes once they are there anew.</param>
    /// <param name="link">Makes the second name of the socket, unless it is there.</param>
    public async Task RunAsync(InstanceLock instance, Action<string> makeRoom, Action share, Action link, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            if (instance.RenewIfGone())
            {
                Log.LockGone(log, instance.Path);
            }
            foreach (var socket in Sockets().Where(s => s.IsGone))
            {
                Log.SocketGone(log, socket.Path);
                makeRoom(socket.Path);
                // It is still listened on where nobody finds it.
                await socket.Listener.CloseAsync(stop);
                await socket.Listener.OpenAsync(stop);
                share();
                socket.File = Find(socket.Path);
            }
            link();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>A listener listens.</summary>
    internal void Add(EndPoint endpoint, LimitedListener listener)
    {
        if (pathOf(endpoint) is { } path)
        {
            lock (_sockets)
            {
                _sockets.Add(new Listened(path, listener) { File = Find(path) });
            }
        }
    }

    private List<Listened> Sockets()
    {
        lock (_sockets)
        {
            return [.. _sockets];
        }
    }

    /// <summary>Which file has a path; null where there is none.</summary>
    private static (ulong Device, ulong Inode)? Find(string path)
    {
        try
        {
            var status = PosixFile.Status(path);
            return (status.Device, status.Inode);
        }
        catch (PosixException e) when (e.IsMissing)
        {
            return null;
        }
    }

    private sealed class Listened(string path, LimitedListener listener)
    {
        public string Path => path;

        public LimitedListener Listener => listener;

        /// <summary>The file that it listens on.</summary>
        public (ulong Device, ulong Inode)? File { get; set; }

        public bool IsGone => Find(path) is not { } now || now != File;
    }
}
