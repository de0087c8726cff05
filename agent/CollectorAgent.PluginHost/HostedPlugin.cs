using CollectorAgent.Native;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.PluginHost;

/// <summary>The plugin in a folder, whatever it is made of, as one that the SDK runs.</summary>
internal static class HostedPlugin
{
    // A script needs time: it is asked early enough for its sample to be there when the agent reads.
    private static readonly TimeSpan LineShift = TimeSpan.FromSeconds(1.5);

    // As of a plugin that has crashed.
    private const int HangExitCode = 1;

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
        var guard = new HangGuard(TimeProvider.System, End);
        string file = Path.GetFileName(entry);
        var context = new PluginContext(manifest.Name, folder, manifest.Arguments);
        await using var assembly = guard.Call($"the constructor of the plugin in {file}", () => AssemblyPlugin.Load(entry, context));
        return await StatsPlugin.RunAsync(uid, batch => guard.Call($"Collect of the plugin in {file}", () => assembly.Collect(batch)));
    }

    /// <summary>Says why and ends at once: what hangs may hold up an orderly end, too.</summary>
    private static void End(string sentence)
    {
        Console.Error.WriteLine(sentence);
        PosixProcess.EndThis(HangExitCode);
    }

    private static PluginManifest Manifest(string folder)
    {
        string path = Path.Combine(folder, PluginManifest.FileName);
        try
        {
            return PluginManifest.Parse(SmallFile.Read(path, PluginManifest.MaxBytes + 1));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PluginManifestException)
        {
            throw new PluginLoadException($"{path}: {e.Message}", e);
        }
    }
}
