using System.Collections;
using CollectorAgent.Native;

namespace CollectorAgent.Plugins;

/// <summary>The environment that a plugin begins with: that of its user on this host, not that of the agent.</summary>
internal static class PluginUserEnvironment
{
    private const string Path = "PATH";
    private const string UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const string NoHome = "/";

    // Where programs and .NET lie, and how people here write: true for every user of the host.
    private static readonly string[] OfTheHost = [Path, "LANG", "LANGUAGE", "TZ"];
    private static readonly string[] OfTheHostByStart = ["LC_", "DOTNET_ROOT", "DOTNET_EnableDiagnostics"];

    /// <summary>Where the plugin's programs are looked for.</summary>
    public static string SearchPath => Environment.GetEnvironmentVariable(Path) is { Length: > 0 } path ? path : UsualPath;

    /// <param name="user">Null where the system knows nothing of the user.</param>
    public static Dictionary<string, string> Of(PosixUser? user)
    {
        var variables = new Dictionary<string, string> { [Path] = UsualPath, ["HOME"] = NoHome };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (OfTheHost.Contains(name) || OfTheHostByStart.Any(s => name.StartsWith(s, StringComparison.Ordinal)))
            {
                variables[name] = (string)variable.Value!;
            }
        }
        if (user is { } known)
        {
            variables["HOME"] = known.Home;
            variables["USER"] = known.Name;
            variables["LOGNAME"] = known.Name;
            variables["SHELL"] = known.Shell;
        }
        return variables;
    }
}
