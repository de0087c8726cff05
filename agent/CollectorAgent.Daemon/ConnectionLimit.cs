using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>So many connections are open at once, over all listeners; what comes beyond is closed unheard.</summary>
/// <param name="most">All together.</param>
/// <param name="keptForSocket">Those of them that connections of the Unix socket alone may take.</param>
public sealed class ConnectionLimit(int most, int keptForSocket, TimeProvider time, ILogger<ConnectionLimit> log)
{
    private static readonly TimeSpan MessagePeriod = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
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
                return new ConnectionReport(_open, most, most - keptForSocket, _refused);
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
            Release(isOutside: connection.Items.ContainsKey(this));
        }
    };

    /// <summary>Takes a place for a connection that has come.</summary>
    /// <param name="isOutside">It came by a way that does not have places of its own.</param>
    internal bool TryTake(ConnectionContext connection, bool isOutside)
    {
        lock (_gate)
        {
            if (_open >= most || (isOutside && _openOutside >= most - keptForSocket))
            {
                _refused++;
                Say();
                return false;
            }
            _open++;
            if (isOutside)
            {
                _openOutside++;
                connection.Items[this] = null;
            }
            return true;
        }
    }

    private void Release(bool isOutside)
    {
        lock (_gate)
        {
            _open--;
            _openOutside -= isOutside ? 1 : 0;
        }
    }

    private void Say()
    {
        _unsaid++;
        if (_saidAt is not { } said || time.GetElapsedTime(said) >= MessagePeriod)
        {
            Log.ConnectionsRefused(log, _unsaid, _open, most);
            _saidAt = time.GetTimestamp();
            _unsaid = 0;
        }
    }
}
