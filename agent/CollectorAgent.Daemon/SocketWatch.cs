using System.Net;
using System.Net.Sockets;
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
    private readonly Dictionary<string, string> _troubles = new(StringComparer.Ordinal);

    /// <summary>Watches until the token says stop.</summary>
    /// <param name="instance">The lock of the agent.</param>
    /// <param name="makeRoom">Removes what lies at the path of a socket, and makes its folder. It fails where another process listens there.</param>
    /// <param name="share">Gives the sockets their modes once they are there anew.</param>
    /// <param name="link">Makes the second name of the socket, unless it is there.</param>
    /// <exception cref="InstanceTakenException">Another agent holds the lock by now.</exception>
    public async Task RunAsync(InstanceLock instance, Action<string> makeRoom, Action share, Action link, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            LookAtLock(instance);
            foreach (var socket in Sockets().Where(s => s.IsGone))
            {
                await RenewAsync(socket, makeRoom, share, stop);
            }
            Try("the second name of the socket", link);
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    private void LookAtLock(InstanceLock instance)
    {
        try
        {
            if (instance.RenewIfGone())
            {
                Log.LockGone(log, instance.Path);
            }
            _troubles.Remove(instance.Path);
        }
        catch (StartException e) when (e is not InstanceTakenException)
        {
            Note(instance.Path, e);
        }
    }

    private async Task RenewAsync(Listened socket, Action<string> makeRoom, Action share, CancellationToken stop)
    {
        try
        {
            makeRoom(socket.Path);
            // It is still listened on where nobody finds it.
            await socket.Listener.CloseAsync(stop);
            await socket.Listener.OpenAsync(stop);
            share();
            socket.File = Find(socket.Path);
            _troubles.Remove(socket.Path);
            Log.SocketGone(log, socket.Path);
        }
        catch (Exception e) when (e is StartException or IOException or SocketException or UnauthorizedAccessException)
        {
            // The others are none the worse for it.
            Note(socket.Path, e);
        }
    }

    private void Try(string what, Action renew)
    {
        try
        {
            renew();
            _troubles.Remove(what);
        }
        catch (Exception e) when (e is StartException or IOException or UnauthorizedAccessException)
        {
            Note(what, e);
        }
    }

    /// <summary>Says a trouble once, and again when it is another.</summary>
    private void Note(string what, Exception failure)
    {
        if (_troubles.GetValueOrDefault(what) != failure.Message)
        {
            _troubles[what] = failure.Message;
            Log.NotRenewed(log, what, Trouble.Of(failure));
        }
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
