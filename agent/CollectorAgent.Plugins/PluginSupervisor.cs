using CollectorAgent.Protocol;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Starts the plugins that it finds in the plugin folders and keeps them running.</summary>
public sealed class PluginSupervisor(IReadOnlyList<string> folders, AgentPaths paths, TimeProvider time, ILogger<PluginSupervisor> log)
{
    /// <summary>Runs all plugins until the token says stop and all of them have ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var running = new List<Task>();
        var names = new HashSet<string>();
        foreach (string folder in folders.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).Order(StringComparer.Ordinal))
        {
            try
            {
                var plugin = PluginFolder.Read(folder);
                if (!names.Add(plugin.Manifest.Name))
                {
                    throw new PluginProtocolException($"{folder}: another plugin is called {plugin.Manifest.Name}");
                }
                running.Add(new PluginProcess(plugin, paths, time, log).RunAsync(stop));
            }
            catch (PluginProtocolException e)
            {
                Log.ManifestWrong(log, e.Message);
            }
        }
        await Task.WhenAll(running);
    }
}
