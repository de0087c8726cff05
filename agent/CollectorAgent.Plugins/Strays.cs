using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Processes that runs of plugins have left behind.</summary>
internal sealed class Strays(RunMark mark, ILogger log)
{
    // What ends is still seen for a moment.
    private const int MostSweeps = 20;

    private HashSet<int> _suspects = [];

    /// <summary>Ends the processes of runs that were over at this call and at the one before it: a run that has just begun is not among
    /// those that go on yet, and one that ends has a moment for it. By run and not by process: one may start the next for ever.</summary>
    /// <param name="processes">Of all plugins.</param>
    /// <param name="runs">Those that go on.</param>
    public void Sweep(IReadOnlyList<RunProcess> processes, IReadOnlyCollection<int> runs)
    {
        var strays = processes.Where(p => !runs.Contains(p.Run)).ToList();
        End(strays.Where(p => _suspects.Contains(p.Run)));
        _suspects = [.. strays.Select(p => p.Run)];
    }

    /// <summary>Ends everything that still runs of all plugins.</summary>
    /// <exception cref="IOException">The processes cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be listed.</exception>
    public void EndAll(ProcessTable table)
    {
        for (int sweep = 0; sweep < MostSweeps && table.Look() is { Count: > 0 } left; sweep++)
        {
            End(left);
        }
    }

    private void End(IEnumerable<RunProcess> processes)
    {
        foreach (var process in processes)
        {
            string plugin = mark.Plugin(process.Run);
            try
            {
                if (PosixProcess.Kill(process.Pid))
                {
                    Log.StrayEnded(log, plugin, process.Pid);
                }
            }
            catch (PosixException e)
            {
                Log.ProcessNotEnded(log, plugin, process.Pid, e.Message);
            }
        }
    }
}
