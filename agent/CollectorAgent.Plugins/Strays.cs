using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Processes that plugins have left behind in sessions of their own; they are found by their mark.</summary>
internal sealed class Strays(PluginLauncher launcher, ILogger log)
{
    // What ends is still seen for a moment.
    private const int MostSweeps = 20;

    private readonly ProcessTable _table = new();
    private HashSet<int> _suspects = [];

    /// <summary>Ends the processes that belonged to no running plugin at this call and at the one before it: one that has just been
    /// started has no session yet.</summary>
    /// <returns>Whether there are any that may have to be ended at the next call.</returns>
    public bool Sweep(IReadOnlyCollection<int> sessions)
    {
        var strays = _table.Marked(launcher.Mark).Where(p => !sessions.Contains(PosixProcess.SessionOf(p.Pid))).ToList();
        End(strays.Where(p => _suspects.Contains(p.Pid)));
        _suspects = [.. strays.Select(p => p.Pid)];
        return strays.Count > 0;
    }

    /// <summary>Ends everything that still runs of all plugins.</summary>
    public void EndAll()
    {
        for (int sweep = 0; sweep < MostSweeps && _table.Marked(launcher.Mark) is { Count: > 0 } left; sweep++)
        {
            End(left);
        }
    }

    private void End(IEnumerable<(int Pid, string Plugin)> processes)
    {
        foreach (var (pid, plugin) in processes)
        {
            try
            {
                if (PosixProcess.Kill(pid))
                {
                    Log.StrayEnded(log, plugin, pid);
                }
            }
            catch (PosixException e)
            {
                Log.ProcessNotEnded(log, plugin, pid, e.Message);
            }
        }
    }
}
