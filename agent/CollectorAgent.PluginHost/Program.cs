using CollectorAgent.PluginHost;
using CollectorAgent.Protocol;

const int WrongUse = 2;
const int Crashed = 1;

if (args is not [var folder])
{
    await Console.Error.WriteLineAsync("usage: collector-plugin-host FOLDER, where FOLDER holds a plugin.json with an assembly or with output lines");
    return WrongUse;
}
try
{
    return await HostedPlugin.RunAsync(folder);
}
catch (PluginLoadException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return PluginExitCode.Misconfigured;
}
catch (ProgramEndException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return e.ExitCode;
}
// The edge of the plugin: whatever it throws, its author is to see it.
catch (Exception e)
{
    await Console.Error.WriteLineAsync($"the plugin failed: {e}");
    return Crashed;
}
