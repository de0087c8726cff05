using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.PluginHost;

/// <summary>The plugin in a folder, whatever it is made of, as one that the SDK runs.</summary>
internal static class HostedPlugin
{
    // A script needs time: it is asked early enough for its sample to be there when the agent reads.
    private static readonly TimeSpan LineShift = TimeSpan.FromSeconds(1.5);

    /// <summary>Runs until SIGTERM, SIGINT or the end of the agent.</summary>
    /// <returns>The exit code of the process.</returns>
    /// <exception cref="PluginLoadException">It cannot be loaded as it is.</exception>
    public static async Task<int> RunAsync(string folder)
    {
        folder = Path.GetFullPath(folder);
        var manifest = Manifest(folder);
        if (manifest.Kind == PluginKind.Executable)
        {
            throw new PluginLoadException($"{PluginManifest.FileName} names an executable that writes its page itself; start that");
        }
        if (manifest.Pages is not [var uid])
        {
            throw new PluginLoadException($"'pages' of {PluginManifest.FileName} names {manifest.Pages.Count} pages; a plugin in a host has one");
        }
        string entry = Path.Combine(folder, manifest.Entry);
        if (!File.Exists(entry))
        {
            throw new PluginLoadException($"there is no file {manifest.Entry} in {folder}");
        }
        if (manifest.Kind == PluginKind.Lines)
        {
            await using var lines = new LinePlugin(entry, manifest.Arguments, TimeProvider.System, Console.Error);
            return await StatsPlugin.RunAsync(uid, lines.CollectAsync, LineShift);
        }
        await using var assembly = AssemblyPlugin.Load(entry, new PluginContext(manifest.Name, folder, manifest.Arguments));
        return await StatsPlugin.RunAsync(uid, assembly.Collect);
    }

    private static PluginManifest Manifest(string folder)
    {
        string path = Path.Combine(folder, PluginManifest.FileName);
        try
        {
            return PluginManifest.Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PluginManifestException)
        {
            throw new PluginLoadException($"{path}: {e.Message}", e);
        }
    }
}
