using System.CommandLine;
using CollectorAgent.HostPlugin;
using CollectorAgent.Sdk;

var proc = new Option<DirectoryInfo>("--proc")
{
    Description = "Where procfs is mounted.",
    HelpName = "DIR",
    DefaultValueFactory = _ => new DirectoryInfo("/proc"),
}.AcceptExistingOnly();
var sys = new Option<DirectoryInfo>("--sys")
{
    Description = "Where sysfs is mounted.",
    HelpName = "DIR",
    DefaultValueFactory = _ => new DirectoryInfo("/sys"),
}.AcceptExistingOnly();

var command = new RootCommand("Publishes CPU, memory, network and disk statistics of this host for the collector agent.") { proc, sys };
command.SetAction((arguments, _) =>
{
    var stats = new HostStats(
        arguments.GetRequiredValue(proc).FullName, arguments.GetRequiredValue(sys).FullName, TimeProvider.System, Console.Error);
    return StatsPlugin.RunAsync("collector-host", stats.Report);
});
// StatsPlugin sees to signals: a stop that it handles in its own time must not be cut short.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
