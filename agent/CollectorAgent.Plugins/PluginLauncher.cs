using System.Diagnostics;
using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>Starts processes that the agent does not lose sight of: each leads a session of its own and carries a mark.</summary>
/// <remarks>setsid and setpriv of util-linux do what .NET cannot: they become the program, under the same process id.</remarks>
public sealed class PluginLauncher(AgentPaths paths, string hostProgram)
{
    private readonly string _token = Guid.NewGuid().ToString("N");

    /// <summary>What every process that this launcher starts has in its environment; the name of its plugin follows.</summary>
    public string Mark => $"{PluginEnvironment.Mark}={_token}-";

    /// <summary>The user that owns what the plugin writes.</summary>
    /// <exception cref="PluginProtocolException">It cannot run as the user that its manifest names.</exception>
    public static uint UserOf(PluginManifest manifest) => User(manifest)?.UserId ?? PosixProcess.UserId;

    /// <summary>Starts a plugin, with its three streams at hand.</summary>
    /// <exception cref="PluginProtocolException">It cannot run as the user that its manifest names.</exception>
    /// <exception cref="System.ComponentModel.Win32Exception">The programs that it is started with cannot be run.</exception>
    public Process Start(PluginFolder plugin)
    {
        var start = new ProcessStartInfo("setsid")
        {
            WorkingDirectory = Path.GetDirectoryName(plugin.Entry),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in Privileges(plugin.Manifest).Concat(Command(plugin)))
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment[PluginEnvironment.Root] = paths.Root;
        start.Environment[PluginEnvironment.Lifeline] = PluginEnvironment.LifelineIsInput;
        start.Environment[PluginEnvironment.Mark] = $"{_token}-{plugin.Manifest.Name}";
        return Process.Start(start)!;
    }

    private IEnumerable<string> Command(PluginFolder plugin) => plugin.Manifest.Kind == PluginKind.Executable
        ? [plugin.Entry, .. plugin.Manifest.Arguments]
        : [hostProgram, plugin.Path];

    private static IEnumerable<string> Privileges(PluginManifest manifest)
    {
        if (User(manifest) is not { } user)
        {
            return [];
        }
        uint group = AgentGroup.Find() ?? throw new PluginProtocolException(
            $"'user': a plugin of another user needs the group {AgentGroup.Name} to write its page; make it with 'groupadd --system {AgentGroup.Name}'");
        return
        [
            "setpriv", $"--reuid={user.UserId}", $"--regid={user.GroupId}", $"--groups={group}",
            "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--",
        ];
    }

    /// <summary>The user that the manifest names; null where it is the agent's own.</summary>
    private static PosixUser? User(PluginManifest manifest)
    {
        if (manifest.User is not { } name)
        {
            return null;
        }
        var user = PosixUser.Find(name) ?? throw new PluginProtocolException($"'user': there is no user {name} on this host");
        if (user.UserId == PosixProcess.UserId)
        {
            return null;
        }
        return Environment.IsPrivilegedProcess
            ? user
            : throw new PluginProtocolException($"'user': only an agent that runs as root can start a plugin as {name}; leave it out");
    }
}
