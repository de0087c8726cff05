using System.ComponentModel;
using System.Diagnostics;
using CollectorAgent.Native;
using CollectorAgent.Protocol;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Keeps the process of one plugin running.</summary>
public sealed class PluginProcess(PluginFolder plugin, AgentPaths paths, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    // A plugin that ran this long is no longer held against its earlier ends.
    private static readonly TimeSpan GoodRun = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);

    /// <summary>Starts the plugin, and starts it again whenever it ends, until the token says stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var delay = FirstDelay;
        while (!stop.IsCancellationRequested)
        {
            long started = time.GetTimestamp();
            try
            {
                await RunOnceAsync(stop);
            }
            catch (Win32Exception e)
            {
                Log.PluginNotStarted(log, plugin.Manifest.Name, plugin.Entry, e.Message);
            }
            if (stop.IsCancellationRequested)
            {
                return;
            }
            delay = time.GetElapsedTime(started) > GoodRun ? FirstDelay : delay;
            Log.PluginRestarts(log, plugin.Manifest.Name, delay.TotalSeconds);
            try
            {
                await Task.Delay(delay, time, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    private async Task RunOnceAsync(CancellationToken stop)
    {
        var start = new ProcessStartInfo(plugin.Entry, plugin.Manifest.Arguments)
        {
            WorkingDirectory = Path.GetDirectoryName(plugin.Entry),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[PluginEnvironment.Root] = paths.Root;
        start.Environment[PluginEnvironment.Lifeline] = PluginEnvironment.LifelineIsInput;
        using var process = Process.Start(start)!;
        Log.PluginStarted(log, plugin.Manifest.Name, plugin.Manifest.Version, process.Id);
        var output = DrainAsync(process.StandardOutput, LogLevel.Information);
        var errors = DrainAsync(process.StandardError, LogLevel.Warning);
        try
        {
            await process.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
        }
        // A grandchild may hold the pipes open longer than anyone wants to wait for.
        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(StopDeadline, time, CancellationToken.None));
        Log.PluginEnded(log, plugin.Manifest.Name, process.ExitCode);
    }

    private async Task StopAsync(Process process)
    {
        // Children of the plugin that have its lifeline see the end, too.
        process.StandardInput.Close();
        PosixProcess.Terminate(process.Id);
        using var deadline = new CancellationTokenSource(StopDeadline, time);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Log.PluginKilled(log, plugin.Manifest.Name, StopDeadline.TotalSeconds);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private async Task DrainAsync(StreamReader reader, LogLevel level)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Log.PluginSays(log, level, plugin.Manifest.Name, line);
        }
    }
}
