using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Runs the script that outlives the agent by a moment and ends what it has started.</summary>
public sealed class OrphanGuard
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "guard.sh");
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(10);

    private readonly PluginLauncher _launcher;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    /// <param name="launcher">Starts nothing before the guard runs.</param>
    public OrphanGuard(PluginLauncher launcher, TimeProvider time, ILogger<OrphanGuard> log)
    {
        _launcher = launcher;
        _time = time;
        _log = log;
        launcher.ExpectGuard();
    }

    /// <summary>Keeps the guard running until the token says stop; it ends when this process does, or when it closes its input.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await GuardAsync(stop);
                await Task.Delay(RetryDelay, _time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task GuardAsync(CancellationToken stop)
    {
        try
        {
            // With its standard input the guard sees the end of this process.
            using var guard = ChildProcess.Start(new ChildStart("/bin/sh", [Script, _launcher.Mark.Token])
            {
                Folder = "/",
                Environment = PluginUserEnvironment.Of(PosixUser.Find(PosixProcess.UserId)),
                LeadsSession = true,
                HasInput = true,
            });
            _launcher.NoteGuard();
            await guard.WaitForEndAsync(stop);
            Log.GuardEnded(_log, guard.ExitCode);
        }
        catch (IOException e)
        {
            _launcher.NoteGuard();
            Log.GuardNotStarted(_log, e.Message);
        }
    }
}
