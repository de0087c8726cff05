using System.Reflection;
using CollectorAgent.Sdk;

namespace CollectorAgent.PluginHost.Tests;

/// <summary>Two plugins in one process, which the product never does: what keeps them apart there keeps a plugin apart from its host.</summary>
public sealed class PluginLoaderTests
{
    private readonly Assembly _first = Load("FirstPlugin");
    private readonly Assembly _second = Load("SecondPlugin");

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

    private static Assembly Load(string project) =>
        PluginLoader.CreateFromAssemblyFile(PluginFixture.Dll(project), [typeof(IStatsPlugin), typeof(Protocol.ReportedSource)]).LoadDefaultAssembly();

    private static Assembly Dependency(Assembly plugin)
    {
        var context = System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(plugin)!;
        return context.LoadFromAssemblyName(new AssemblyName("PrivateDependency"));
    }

    private static double Answer(Assembly plugin, string property) =>
        (double)Dependency(plugin).GetType("PrivateDependency.Answer")!.GetProperty(property)!.GetValue(null)!;

    private static Type Field(Type type) => type.GetField("_answer", BindingFlags.Instance | BindingFlags.NonPublic)!.FieldType;
}
