using System.CommandLine;
using CollectorAgent.LvmSrPlugin;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using CollectorAgent.Storage;

var command = new RootCommand("Publishes size, free space and allocation of SRs that are LVM volume groups for the collector agent.");
var lvm = new LvmCommandLine(command);
command.SetAction(async (arguments, _) =>
{
    var options = lvm.Read(arguments);
    if (!options.IsInstalled)
    {
        await Console.Error.WriteLineAsync($"there is no LVM on this host: no vgs and lvs in {options.Folder}");
        return PluginExitCode.Unavailable;
    }
    using var srs = new LvmSrs(options, TimeProvider.System, Console.Error);
    try
    {
        return await StatsPlugin.RunAsync("collector-lvm-sr", new LvmSrStats(srs, ControlDomain.IsHere("/proc")).Report);
    }
    catch (NothingToMeasureException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return PluginExitCode.Unavailable;
    }
});
// StatsPlugin sees to signals: a stop that it handles in its own time must not be cut short.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
