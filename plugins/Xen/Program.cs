using System.CommandLine;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using CollectorAgent.XenPlugin;
using CollectorAgent.XenPlugin.Native;

// Longer, and the sample would miss its reading.
var xenstoreDeadline = TimeSpan.FromSeconds(0.4);

var proc = Folder("--proc", "/proc", "Where procfs is mounted.");
var sys = Folder("--sys", "/sys", "Where sysfs is mounted.");
var sharedMemory = Folder("--shm", "/dev/shm", "Where tapdisks have their statistics.");

var command = new RootCommand("Publishes statistics of this Xen host and its VMs for the collector agent.") { proc, sys, sharedMemory };
command.SetAction(async (arguments, _) =>
{
    var paths = new XenPaths(
        arguments.GetRequiredValue(proc).FullName, arguments.GetRequiredValue(sys).FullName, arguments.GetRequiredValue(sharedMemory).FullName);
    try
    {
        using var control = XenHost.Open(paths.Proc);
        var xenstore = new XenstoreWithDeadline(new Xenstore(), xenstoreDeadline);
        var stats = new XenStats(new XenHypervisor(control), xenstore, paths, TimeProvider.System, Console.Error);
        // Many VMs take more than the usual half second.
        return await StatsPlugin.RunAsync(XenStats.Uid, stats.Report, negativeShift: TimeSpan.FromSeconds(1));
    }
    catch (XenUnavailableException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return PluginExitCode.Unavailable;
    }
});
// StatsPlugin sees to signals: a stop that it handles in its own time must not be cut short.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static Option<DirectoryInfo> Folder(string name, string usual, string description) => new Option<DirectoryInfo>(name)
{
    Description = description,
    HelpName = "DIR",
    DefaultValueFactory = _ => new DirectoryInfo(usual),
}.AcceptExistingOnly();
