using System.Net;
using System.Net.Sockets;
using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>Looks again and again at the files by which the agent is found and kept to one: its Unix sockets and its lock. It makes
/// again what was removed or replaced.</summary>
/// <param name="pathOf">The path of an address that is a file; null of others.</param>
public sealed class SocketWatch(Func<EndPoint, string?> pathOf, TimeProvider time, ILogger<SocketWatch> log)
{
    /// <summary>A socket that was removed is back after this time.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly List<Listened> _sockets = [];
    private readonly Dictionary<string, string> _troubles = new(StringComparer.Ordinal);

    /// <summary>Watches until the token says stop.</summary>
    /// <param name="instance">The lock of the agent.</param>
    /// <param name="makeRoom">Removes what lies at the path of a socket, and makes its folder. It fails where another process listens there.</param>
    /// <param name="share">Gives the sockets their modes once they are back.</param>
    /// <param name="link">Makes the second name of the socket, unless it is there.</param>
    /// <exception cref="InstanceTakenException">Another agent holds the lock by now.</exception>
    public async Task RunAsync(InstanceLock instance, Action<string> makeRoom, Action share, Action link, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            await TryAsync(instance.Path, () => RenewLock(instance));
            foreach (var socket in Sockets().Where(s => s.IsGone))
            {
                // The others are none the worse for one that fails.
                await TryAsync(socket.Path, () => RenewAsync(socket, makeRoom, share, stop));
            }
            await TryAsync("the second name of the socket", () =>
            {
                link();
                return Task.CompletedTask;
            });
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

    private Task RenewLock(InstanceLock instance)
    {
        if (instance.RenewIfGone())
        {
            Log.LockGone(log, instance.Path);
        }
        return Task.CompletedTask;
    }

    private async Task RenewAsync(Listened socket, Action<string> makeRoom, Action share, CancellationToken stop)
    {
        makeRoom(socket.Path);
        // It is still listened on where nobody finds it.
        await socket.Listener.CloseAsync(stop);
        await socket.Listener.OpenAsync(stop);
        share();
        socket.File = Find(socket.Path);
        Log.SocketGone(log, socket.Path);
    }

    /// <summary>Says what goes wrong once, and again when it is something else.</summary>
    private async Task TryAsync(string what, Func<Task> renew)
    {
        try
        {
            await renew();
            _troubles.Remove(what);
        }
        catch (Exception e) when (e is (StartException and not InstanceTakenException) or IOException or SocketException or UnauthorizedAccessException)
        {
            if (_troubles.GetValueOrDefault(what) != e.Message)
            {
                _troubles[what] = e.Message;
                Log.NotRenewed(log, what, Trouble.Of(e));
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

    private static (ulong Device, ulong Inode)? Find(string path) =>
        PosixFile.FindStatus(path) is { } status ? (status.Device, status.Inode) : null;

    private sealed class Listened(string path, LimitedListener listener)
    {
        public string Path => path;

        public LimitedListener Listener => listener;

        /// <summary>The file that it listens on.</summary>
        public (ulong Device, ulong Inode)? File { get; set; }

        public bool IsGone => Find(path) is not { } now || now != File;
    }
}
