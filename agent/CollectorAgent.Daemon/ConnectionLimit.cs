using System.Globalization;
using CollectorAgent.Native;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>Bounds the connections that are open at once, over all listeners and for each user of the Unix socket; what comes beyond is
/// closed unheard.</summary>
public sealed class ConnectionLimit(ConnectionShares shares, TimeProvider time, ILogger<ConnectionLimit> log)
{
    private static readonly TimeSpan MessagePeriod = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, int> _openByUser = [];
    private int _open;
    private int _openOutside;
    private long _refused;
    private long? _saidAt;
    private long _unsaid;

    public ConnectionReport Report
    {
        get
        {
            lock (_gate)
            {
                return new ConnectionReport(_open, shares.Most, shares.Most - shares.KeptForSocket, _refused);
            }
        }
    }

    /// <summary>Gives a connection its place back when whoever serves it is done with it. To be put around everything else.</summary>
    public ConnectionDelegate Around(ConnectionDelegate next) => async connection =>
    {
        try
        {
            await next(connection);
        }
        finally
        {
            Release((uint?)connection.Items[this]);
        }
    };

    /// <summary>Takes a place for a connection that has come.</summary>
    /// <param name="user">Who is at the other end of the Unix socket; null for a connection that came by another way.</param>
    internal bool TryTake(ConnectionContext connection, uint? user)
    {
        lock (_gate)
        {
            if (WhyRefused(user) is { } reason)
            {
                _refused++;
                Say(reason);
                return false;
            }
            _open++;
            connection.Items[this] = user;
            if (user is null)
            {
                _openOutside++;
            }
            else
            {
                _openByUser[user.Value] = _openByUser.GetValueOrDefault(user.Value) + 1;
            }
            return true;
        }
    }

    private string? WhyRefused(uint? user)
    {
        bool isRootOrOwn = user == 0 || user == PosixProcess.UserId;
        int most = isRootOrOwn ? shares.Most : shares.Most - shares.KeptForRoot;
        if (_open >= most)
        {
            return Invariant($"{_open} are open, and the limit is {shares.Most}, {shares.KeptForRoot} of them for root alone");
        }
        if (user is null)
        {
            int outside = shares.Most - shares.KeptForSocket;
            return _openOutside < outside ? null : Invariant($"{_openOutside} are open by TCP, and the limit is {outside}");
        }
        return isRootOrOwn || _openByUser.GetValueOrDefault(user.Value) < shares.MostOfUser
            ? null
            : Invariant($"user {user} has {shares.MostOfUser} open on the socket, and that is the limit for one user");
    }

    private void Release(uint? user)
    {
        lock (_gate)
        {
            _open--;
            if (user is not { } known)
            {
                _openOutside--;
            }
            else if (--_openByUser[known] == 0)
            {
                _openByUser.Remove(known);
            }
        }
    }

    private void Say(string reason)
    {
        _unsaid++;
        if (_saidAt is not { } said || time.GetElapsedTime(said) >= MessagePeriod)
        {
            Log.ConnectionsRefused(log, _unsaid, reason);
            _saidAt = time.GetTimestamp();
            _unsaid = 0;
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
