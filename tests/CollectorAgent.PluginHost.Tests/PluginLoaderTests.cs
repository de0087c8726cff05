using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;
using CollectorAgent.Sdk;

namespace CollectorAgent.PluginHost.Tests;

/// <summary>Two plugins in one process, which the product never does: what keeps them apart there keeps a plugin apart from its host.</summary>
public sealed class PluginLoaderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-loader-");
    private readonly Assembly _first = Load("FirstPlugin");
    private readonly Assembly _second = Load("SecondPlugin");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Each_has_its_own_version_of_a_dependency()
    {
        Assert.Equal(1, Answer(_first, "Of1"));
        Assert.Equal(2, Answer(_second, "Of2"));
    }

    [Fact]
    public void Dependency_is_its_own_even_where_the_host_has_the_same()
    {
        var dependency = Dependency(_first);

        Assert.Equal(typeof(PrivateDependency.Answer).Assembly.FullName, dependency.FullName);
        Assert.NotSame(typeof(PrivateDependency.Answer).Assembly, dependency);
    }

    [Fact]
    public void Sdk_is_that_of_the_host_though_a_copy_lies_beside_the_plugin()
    {
        Assert.True(File.Exists(Path.Combine(PluginFixture.Folder("FirstPlugin"), "CollectorAgent.Sdk.dll")));
        Assert.True(_first.GetType("FirstPlugin.Stats")!.IsAssignableTo(typeof(IStatsPlugin)));
        Assert.Same(typeof(Protocol.ReportedSource), Field(_first.GetType("FirstPlugin.Stats")!));
    }

    [Fact]
    public void What_the_sdk_itself_needs_is_the_plugins_own_where_the_plugin_brings_it()
    {
        string folder = _folder.FullName;
        foreach (string file in Directory.GetFiles(PluginFixture.Folder("FirstPlugin"), "*.dll"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
        var own = new AssemblyName("System.Text.Json") { Version = new Version(99, 0, 0, 0) };
        var built = new PersistedAssemblyBuilder(own, typeof(object).Assembly);
        built.DefineDynamicModule(own.Name!);
        built.Save(Path.Combine(folder, "System.Text.Json.dll"));
        Assert.Contains(typeof(Protocol.ReportedSource).Assembly.GetReferencedAssemblies(), r => r.Name == own.Name);

        var plugin = AssemblyPlugin.LoadAssembly(Path.Combine(folder, "FirstPlugin.dll"));

        Assert.Same(typeof(Protocol.ReportedSource), Field(plugin.GetType("FirstPlugin.Stats")!));
        Assert.Equal(own.Version, AssemblyLoadContext.GetLoadContext(plugin)!.LoadFromAssemblyName(new AssemblyName(own.Name!)).GetName().Version);
    }

    private static Assembly Load(string project) => AssemblyPlugin.LoadAssembly(PluginFixture.Dll(project));

    private static Assembly Dependency(Assembly plugin)
    {
        var context = AssemblyLoadContext.GetLoadContext(plugin)!;
        return context.LoadFromAssemblyName(new AssemblyName("PrivateDependency"));
    }

    private static double Answer(Assembly plugin, string property) =>
        (double)Dependency(plugin).GetType("PrivateDependency.Answer")!.GetProperty(property)!.GetValue(null)!;

    private static Type Field(Type type) => type.GetField("_answer", BindingFlags.Instance | BindingFlags.NonPublic)!.FieldType;
}
