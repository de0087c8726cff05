using System.CommandLine;
using CollectorAgent.PhysicalUtilisationPlugin;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using CollectorAgent.Storage;

var srMount = new Option<string>("--sr-mount")
{
    Description = "Where SRs are mounted, each on a folder named by its uuid.",
    HelpName = "DIR",
    DefaultValueFactory = _ => "/run/sr-mount",
};

var command = new RootCommand("Publishes size, used space and virtual allocation of all SRs of this host for the collector agent.") { srMount };
var lvmCommandLine = new LvmCommandLine(command);
command.SetAction(async (arguments, _) =>
{
    var options = lvmCommandLine.Read(arguments);
    string root = Path.GetFullPath(arguments.GetRequiredValue(srMount));
    if (!options.IsInstalled && !Directory.Exists(root))
    {
        await Console.Error.WriteLineAsync($"there is no SR on this host: neither {root} nor LVM (vgs and lvs in {options.Folder})");
        return PluginExitCode.Unavailable;
    }
    using var lvm = options.IsInstalled ? new LvmSrs(options, TimeProvider.System, Console.Error) : null;
    using var mounted = new MountedSrs(root, folder => new MountedSr(folder).Look, options.Period, TimeProvider.System, Console.Error);
    try
    {
        var stats = new SrStats(mounted, lvm, ControlDomain.IsHere("/proc"));
        return await StatsPlugin.RunAsync("collector-physical-utilisation", stats.Report);
    }
    catch (NothingToMeasureException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return PluginExitCode.Unavailable;
    }
});
// StatsPlugin sees to signals: a stop that it handles in its own time must not be cut short.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
