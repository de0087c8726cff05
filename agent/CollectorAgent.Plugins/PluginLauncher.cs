using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>Starts processes that the agent does not lose sight of: each leads a session of its own and carries a mark.</summary>
/// <remarks>setpriv of util-linux makes a plugin that of another user: it becomes the program, under the same process id.</remarks>
public sealed class PluginLauncher(AgentPaths paths, string hostProgram)
{
    /// <summary>What every process has that this launcher has started, and whatever those start.</summary>
    internal RunMark Mark { get; } = new();

    private TaskCompletionSource? _guard;

    /// <summary>Ends when somebody watches over what this launcher starts, or cannot; at once where nobody is to.</summary>
    internal Task IsGuarded => _guard?.Task ?? Task.CompletedTask;

    /// <summary>Somebody is going to watch over what this launcher starts: nothing is to be started before.</summary>
    internal void ExpectGuard() => _guard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Somebody watches, or cannot.</summary>
    internal void NoteGuard() => _guard?.TrySetResult();

    /// <summary>The user that owns what the plugin writes.</summary>
    /// <exception cref="PluginProtocolException">It cannot run as the user that its manifest names.</exception>
    public static uint UserOf(PluginManifest manifest) => User(manifest)?.UserId ?? PosixProcess.UserId;

    /// <summary>Starts a plugin, with its three streams at hand.</summary>
    /// <exception cref="PluginProtocolException">It cannot run as the user that its manifest names.</exception>
    /// <exception cref="PosixException">It, or what it is started with, cannot be run.</exception>
    /// <returns>Its first process, and the number of the run by which its others are found.</returns>
    internal (ChildProcess Process, int Run) Start(PluginFolder plugin)
    {
        string[] command = [.. Privileges(plugin.Manifest), .. Command(plugin)];
        int run = Mark.Begin(plugin.Manifest.Name);
        var environment = PluginUserEnvironment.Of(User(plugin.Manifest) ?? PosixUser.Find(PosixProcess.UserId));
        environment[PluginEnvironment.Root] = paths.Root;
        environment[PluginEnvironment.Lifeline] = PluginEnvironment.LifelineIsInput;
        environment[PluginEnvironment.Mark] = Mark.Text(run);
        var start = new ChildStart(command[0], command[1..])
        {
            Folder = Path.GetDirectoryName(plugin.Entry),
            Environment = environment,
            LeadsSession = true,
            HasInput = true,
            HasOutput = true,
            HasErrors = true,
            FileLockLimit = Mark.FileLockLimit(run),
        };
        return (ChildProcess.Start(start), run);
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
