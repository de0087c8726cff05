using System.Diagnostics;
using System.Globalization;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Processes of plugins: as whom they run, and that none outlives its agent.</summary>
public sealed class PluginProcessTests
{
    private const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    [Theory]
    [InlineData("setsid sleep 600", "KILL")]
    [InlineData("env -i setsid sleep 600", "KILL")]
    [InlineData("env -i setsid sleep 600", "TERM")]
    public async Task Ended_agent_leaves_no_process_of_a_plugin_that_hears_nothing(string daemon, string signal)
    {
        using var folder = new TemporaryFolder();
        string plugins = Path.Combine(folder.Path, "plugins.d");
        Write(plugins, "deaf", $"""
            #!/bin/sh
            trap '' TERM
            ({daemon} & echo child $!) </dev/null
            echo plugin $$
            while :; do sleep 600; done
            """);
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", plugins);
        await agent.UntilAsync("/status", _ => agent.Log.Contains("plugin ", StringComparison.Ordinal) && agent.Log.Contains("child ", StringComparison.Ordinal));
        using var plugin = Process.GetProcessById(Number(agent.Log, "plugin "));
        using var child = Process.GetProcessById(Number(agent.Log, "child "));

        await agent.EndAsync(signal);

        await plugin.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        await child.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
    }

    [Fact]
    public async Task Daemon_without_session_and_environment_counts_as_its_plugin_and_ends_with_it()
    {
        using var folder = new TemporaryFolder();
        string plugins = Path.Combine(folder.Path, "plugins.d");
        Write(plugins, "parent", """
            #!/bin/sh
            (env -i setsid sleep 600 & echo child $!) </dev/null
            while [ ! -e end ]; do sleep 0.1; done
            exit 69
            """);
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", plugins);
        await agent.UntilAsync("/status", s => (int?)AgentProcess.Plugin(s, "parent")?["processes"] >= 2 && agent.Log.Contains(": child ", StringComparison.Ordinal));
        using var child = Process.GetProcessById(Number(agent.Log, "child "));

        await File.WriteAllTextAsync(Path.Combine(plugins, "parent", "end"), "");

        await child.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        await agent.UntilAsync("/status", _ => agent.Log.Contains("Plugin parent left process", StringComparison.Ordinal));
    }

    [RootFact]
    public async Task Plugin_of_another_user_registers_and_is_recorded()
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, All);
        string plugins = Path.Combine(folder.Path, "plugins.d");
        Write(plugins, "good", "#!/bin/sh\nexec python3 ./hostile_plugin.py registered\n", """, "user": "nobody" """);
        File.Copy(Fixtures.Path("hostile_plugin.py"), Path.Combine(plugins, "good", "hostile_plugin.py"));
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", plugins);

        var status = await agent.UntilAsync("/status", s => (string?)AgentProcess.Page(s, "good")?["state"] == "live");

        Assert.Contains("Plugin good: Success", agent.Log, StringComparison.Ordinal);
        Assert.Equal(await NobodyAsync(), (long)AgentProcess.Page(status, "good")!["peer"]!["uid"]!);
    }

    private static async Task<long> NobodyAsync()
    {
        using var id = Process.Start(new ProcessStartInfo("id", ["-u", "nobody"]) { RedirectStandardOutput = true })!;
        return long.Parse(await id.StandardOutput.ReadToEndAsync(), CultureInfo.InvariantCulture);
    }

    private static int Number(string log, string after)
    {
        string rest = log[(log.IndexOf(": " + after, StringComparison.Ordinal) + after.Length + 2)..];
        return int.Parse(rest.Split('\n')[0], CultureInfo.InvariantCulture);
    }

    private static void Write(string plugins, string name, string script, string rest = "")
    {
        string folder = Directory.CreateDirectory(Path.Combine(plugins, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "run"), script);
        File.SetUnixFileMode(Path.Combine(folder, "run"), All);
        File.WriteAllText(Path.Combine(folder, "plugin.json"), $$"""{ "name": "{{name}}", "executable": "run"{{rest}} }""");
    }
}
