using System.Reflection;
using System.Runtime.Loader;

namespace CollectorAgent.PluginHost;

/// <summary>What a plugin brings along is its own, even where this program has an assembly of that name; what is shared, and what the plugin
/// does not bring, is this program's.</summary>
internal sealed class PluginLoadContext(string assemblyFile, IReadOnlySet<string> shared) : AssemblyLoadContext(assemblyFile)
{
    private readonly string _folder = Path.GetDirectoryName(assemblyFile)!;
    private readonly AssemblyDependencyResolver _resolver = new(assemblyFile);

    /// <summary>Loads a copy in memory: a file that is mapped must not be written over, and authors do write over theirs.</summary>
    public Assembly LoadCopy(string path)
    {
        using var assembly = new MemoryStream(File.ReadAllBytes(path), writable: false);
        // With its symbols a stack names lines.
        string symbolPath = Path.ChangeExtension(path, ".pdb");
        using var symbols = File.Exists(symbolPath) ? new MemoryStream(File.ReadAllBytes(symbolPath), writable: false) : null;
        return LoadFromStream(assembly, symbols);
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (shared.Contains(assemblyName.Name!))
        {
            return null;
        }
        string? path = _resolver.ResolveAssemblyToPath(assemblyName);
        return path is null ? null : LoadCopy(path);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        // Copies in memory lie in no folder, so that the runtime does not look into that of the plugin.
        string? path = _resolver.ResolveUnmanagedDllToPath(unmanagedDllName)
            ?? new[] { $"lib{unmanagedDllName}.so", $"{unmanagedDllName}.so", unmanagedDllName }
                .Select(n => Path.Combine(_folder, n))
                .FirstOrDefault(File.Exists);
        return path is null ? 0 : LoadUnmanagedDllFromPath(path);
    }
}
