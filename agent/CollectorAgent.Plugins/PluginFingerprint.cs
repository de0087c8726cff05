using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>What tells that a plugin was changed on the disk: its manifest, the file it is started by, its assemblies.</summary>
internal static class PluginFingerprint
{
    // A plugin may write into its folder as it likes; of its files only so many are looked at.
    private const int MaxFiles = 1000;

    private static readonly EnumerationOptions Everywhere = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        AttributesToSkip = FileAttributes.None,
        IgnoreInaccessible = true,
    };

    /// <summary>A number that stays the same while the plugin does; 0 where there is no manifest.</summary>
    /// <param name="known">The plugin as it was read; null where it could not be.</param>
    public static long Of(string folder, PluginFolder? known)
    {
        var hash = default(HashCode);
        if (!Add(ref hash, Path.Combine(folder, PluginManifest.FileName)))
        {
            return 0;
        }
        if (known is not null)
        {
            Add(ref hash, known.Entry);
        }
        if (known?.Manifest.Kind == PluginKind.Assembly && Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*.dll", Everywhere).Take(MaxFiles).Order(StringComparer.Ordinal))
            {
                Add(ref hash, file);
            }
        }
        return 1L << 32 | (uint)hash.ToHashCode();
    }

    private static bool Add(ref HashCode hash, string path)
    {
        try
        {
            // With the time of its last change: a copy can have the length and the time of what it replaces.
            var file = PosixFile.Status(path);
            hash.Add(path);
            hash.Add(file);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
