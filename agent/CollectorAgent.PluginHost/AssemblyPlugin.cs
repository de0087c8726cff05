using System.Reflection;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using McMaster.NETCore.Plugins;

namespace CollectorAgent.PluginHost;

/// <summary>The plugin in an assembly.</summary>
internal sealed class AssemblyPlugin : IAsyncDisposable
{
    private static readonly AssemblyName Sdk = typeof(IStatsPlugin).Assembly.GetName();
    private static readonly AssemblyName Runtime = Assembly.Load("System.Runtime").GetName();

    // What an author's class is made of: these are the same in plugin and host.
    private static readonly AssemblyName[] Shared = [Sdk, typeof(ReportedSource).Assembly.GetName()];

    private readonly IStatsPlugin _plugin;
    private readonly string _file;

    private AssemblyPlugin(string file, IStatsPlugin plugin)
    {
        _file = file;
        _plugin = plugin;
    }

    /// <exception cref="PluginLoadException">It cannot be loaded as it is.</exception>
    public static AssemblyPlugin Load(string path, PluginContext context)
    {
        string file = Path.GetFileName(path);
        var assembly = LoadAssembly(path, file);
        try
        {
            RequireVersions(file, assembly);
            return new AssemblyPlugin(file, Create(file, OnlyPlugin(file, assembly), context));
        }
        catch (Exception e) when (LoadTrouble.Explain(e) is { } trouble)
        {
            throw new PluginLoadException($"{file}: {trouble}", e);
        }
    }

    /// <inheritdoc cref="IStatsPlugin.Collect"/>
    /// <exception cref="PluginLoadException">What it needs now is not there, which is no failure of the plugin's work.</exception>
    public void Collect(SampleBatch batch)
    {
        try
        {
            _plugin.Collect(batch);
        }
        catch (Exception e) when (LoadTrouble.Explain(e) is { } trouble)
        {
            throw new PluginLoadException($"{_file}: {trouble}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_plugin is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else
        {
            (_plugin as IDisposable)?.Dispose();
        }
    }

    /// <summary>Loads an assembly with its dependencies apart from those of this program. Nothing is ever unloaded: the process ends with its
    /// plugin.</summary>
    /// <param name="path">An absolute path.</param>
    /// <exception cref="BadImageFormatException">It is no assembly, or none for this machine.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="InvalidOperationException">The file with its dependencies (deps.json) is damaged.</exception>
    internal static Assembly LoadAssembly(string path)
    {
        var assembly = PluginLoader.CreateFromAssemblyFile(path, Configure).LoadDefaultAssembly();
        string folder = Path.GetDirectoryName(path)!;
        // An assembly in memory lies in no folder, so the runtime does not look for native libraries beside it.
        AssemblyLoadContext.GetLoadContext(assembly)!.ResolvingUnmanagedDll += (_, name) => LoadNative(folder, name);
        return assembly;
    }

    private static void Configure(PluginConfig config)
    {
        // Authors write over theirs while it runs, which a file that is mapped does not survive.
        config.LoadInMemory = true;
        config.IsLazyLoaded = true;
        foreach (var assembly in Shared)
        {
            config.SharedAssemblies.Add(assembly);
        }
        // What the shared ones need themselves would be shared too, and take the place of a plugin's own version.
        foreach (var reference in Shared.SelectMany(a => Assembly.Load(a).GetReferencedAssemblies()).Where(r => !Shared.Any(s => s.Name == r.Name)))
        {
            config.PrivateAssemblies.Add(reference);
        }
    }

    private static nint LoadNative(string folder, string name) =>
        new[] { $"lib{name}.so", $"{name}.so", name }.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists) is { } path
            ? NativeLibrary.Load(path)
            : 0;

    private static Assembly LoadAssembly(string path, string file)
    {
        try
        {
            return LoadAssembly(path);
        }
        catch (BadImageFormatException e)
        {
            throw new PluginLoadException($"{file}: {WhatItIs(path)}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new PluginLoadException($"{file}: {e.Message}", e);
        }
    }

    private static void RequireVersions(string file, Assembly assembly)
    {
        foreach (var reference in assembly.GetReferencedAssemblies())
        {
            if (reference.Name == Sdk.Name && reference.Version > Sdk.Version)
            {
                throw new PluginLoadException($"{file} is built with version {reference.Version} of {Sdk.Name}; this host has {Sdk.Version}");
            }
            if (reference.Name == Runtime.Name && reference.Version > Runtime.Version)
            {
                throw new PluginLoadException(
                    $"{file} is built for .NET {reference.Version!.ToString(2)}; this host runs .NET {Runtime.Version!.ToString(2)}");
            }
        }
    }

    private static Type OnlyPlugin(string file, Assembly assembly)
    {
        var types = assembly.GetExportedTypes().Where(t => t.IsClass && !t.IsAbstract && t.IsAssignableTo(typeof(IStatsPlugin))).ToList();
        return types switch
        {
            [var type] => type,
            [] => throw new PluginLoadException($"{file} has no public class that implements {typeof(IStatsPlugin)}; write one"),
            _ => throw new PluginLoadException(
                $"{file} has {types.Count} public classes that implement {typeof(IStatsPlugin)}, {string.Join(", ", types)}; leave one public"),
        };
    }

    private static IStatsPlugin Create(string file, Type type, PluginContext context)
    {
        var constructor = type.GetConstructor([typeof(PluginContext)]);
        object[] arguments = constructor is null ? [] : [context];
        constructor ??= type.GetConstructor([]);
        return constructor is not null && !type.ContainsGenericParameters
            ? (IStatsPlugin)constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null)
            : throw new PluginLoadException(
                $"{file}: {type} has no public constructor that takes nothing or one {typeof(PluginContext)}; write one");
    }

    private static string WhatItIs(string path)
    {
        try
        {
            using var image = new PEReader(File.OpenRead(path));
            return image.HasMetadata
                ? $"it is built for {image.PEHeaders.CoffHeader.Machine}, and this host is {RuntimeInformation.ProcessArchitecture}; build it for AnyCPU"
                : "it is a native library; a plugin is a .NET assembly";
        }
        catch (BadImageFormatException)
        {
            return "it is no .NET assembly";
        }
    }
}
