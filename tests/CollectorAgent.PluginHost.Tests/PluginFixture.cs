using System.Runtime.CompilerServices;

namespace CollectorAgent.PluginHost.Tests;

/// <summary>Plugins of tests/plugins, as the build left them.</summary>
internal static class PluginFixture
{
    public static string Folder(string project, [CallerFilePath] string thisFile = "") => Path.GetFullPath(Path.Combine(
        Path.GetDirectoryName(thisFile)!, "..", "..", "artifacts", "bin", project, Path.GetFileName(Path.GetDirectoryName(typeof(PluginFixture).Assembly.Location))!));

    public static string Dll(string project) => Path.Combine(Folder(project), project + ".dll");
}
