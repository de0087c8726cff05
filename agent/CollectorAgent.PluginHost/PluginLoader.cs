using System.Reflection;

namespace CollectorAgent.PluginHost;

/// <summary>Loads an assembly with its dependencies apart from those of this program.</summary>
/// <remarks>It has the shape of PluginLoader in McMaster.NETCore.Plugins, so that the package can take its place. Nothing is ever unloaded:
/// the process ends with its plugin.</remarks>
internal sealed class PluginLoader
{
    private readonly string _assemblyFile;
    private readonly PluginLoadContext _context;

    private PluginLoader(string assemblyFile, IReadOnlySet<string> shared)
    {
        _assemblyFile = assemblyFile;
        _context = new PluginLoadContext(assemblyFile, shared);
    }

    /// <param name="assemblyFile">An absolute path.</param>
    /// <param name="sharedTypes">Types that are the same in plugin and host: their assemblies are this program's.</param>
    /// <exception cref="InvalidOperationException">The file with its dependencies (deps.json) is damaged.</exception>
    public static PluginLoader CreateFromAssemblyFile(string assemblyFile, Type[] sharedTypes) =>
        new(assemblyFile, sharedTypes.Select(t => t.Assembly.GetName().Name!).ToHashSet(StringComparer.OrdinalIgnoreCase));

    /// <exception cref="BadImageFormatException">It is no assembly, or none for this machine.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public Assembly LoadDefaultAssembly() => _context.LoadCopy(_assemblyFile);
}
