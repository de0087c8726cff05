using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>Takes the signals that would end the process without a word: SIGHUP has it look again at what may have changed, the others do
/// nothing.</summary>
public sealed class HarmlessSignals : IDisposable
{
    // Signals of Linux, by number, whose usual action is to end the process and which say nothing of a fault in it.
    private static readonly (int Number, string Name)[] Ignored =
    [
        (10, "SIGUSR1"), (12, "SIGUSR2"), (14, "SIGALRM"), (16, "SIGSTKFLT"), (24, "SIGXCPU"), (25, "SIGXFSZ"), (26, "SIGVTALRM"),
        (27, "SIGPROF"), (29, "SIGIO"), (30, "SIGPWR"),
    ];

    private readonly List<PosixSignalRegistration> _registrations = [];
    private ILogger? _log;
    private IReadOnlyList<(string What, Action Look)> _reloads = [];

    /// <summary>From now on none of them ends the process.</summary>
    public HarmlessSignals()
    {
        _registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            Reload();
        }));
        foreach (var (number, name) in Ignored)
        {
            _registrations.Add(PosixSignalRegistration.Create((PosixSignal)number, context =>
            {
                context.Cancel = true;
                if (_log is { } log)
                {
                    Log.SignalIgnored(log, name);
                }
            }));
        }
    }

    /// <summary>Says from now on in the log what comes.</summary>
    /// <param name="reloads">What SIGHUP does.</param>
    public void Begin(ILogger<HarmlessSignals> log, IReadOnlyList<(string What, Action Look)> reloads)
    {
        _reloads = reloads;
        _log = log;
    }

    public void Dispose()
    {
        _log = null;
        _registrations.ForEach(r => r.Dispose());
    }

    private void Reload()
    {
        if (_log is not { } log)
        {
            return;
        }
        Log.Reloading(log, string.Join(", ", _reloads.Select(r => r.What)));
        foreach (var (what, look) in _reloads)
        {
            try
            {
                look();
            }
            catch (Exception e)
            {
                Log.ReloadFailed(log, what, Trouble.Of(e));
            }
        }
    }
}
