using System.Text.Json.Nodes;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Plugins that a vendor drops into the plugin folder.</summary>
public sealed class HostedPluginTests
{
    [Fact]
    public async Task Dll_and_script_in_the_plugin_folder_are_recorded()
    {
        using var folder = new TemporaryFolder();
        string plugins = Path.Combine(folder.Path, "plugins.d");
        string dll = Path.Combine(plugins, "dll");
        Copy("SecondPlugin", dll);
        await File.WriteAllTextAsync(Path.Combine(dll, "plugin.json"), """{"name":"a-dll","assembly":"SecondPlugin.dll"}""");
        string script = Directory.CreateDirectory(Path.Combine(plugins, "script")).FullName;
        await File.WriteAllTextAsync(Path.Combine(script, "plugin.json"), """{"name":"a-script","executable":"run","output":"lines"}""");
        await File.WriteAllTextAsync(Path.Combine(script, "run"), "#!/bin/sh\necho from_a_script 3 apples\n");
        File.SetUnixFileMode(Path.Combine(script, "run"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", plugins);

        await agent.UntilAsync("/rrd_updates?start=-60&host=true&json", u => Has(u, "answer", "2") && Has(u, "from_a_script", "3"));
        Assert.Equal(0, await agent.EndAsync("TERM"));
    }

    [Fact]
    public async Task Replaced_dll_is_started_anew_and_the_others_go_on()
    {
        using var folder = new TemporaryFolder();
        string plugins = Path.Combine(folder.Path, "plugins.d");
        Copy("SecondPlugin", Path.Combine(plugins, "replaced"));
        await File.WriteAllTextAsync(Path.Combine(plugins, "replaced", "plugin.json"), """{"name":"replaced","assembly":"SecondPlugin.dll"}""");
        Copy("SecondPlugin", Path.Combine(plugins, "other"));
        await File.WriteAllTextAsync(Path.Combine(plugins, "other", "plugin.json"), """{"name":"other","assembly":"SecondPlugin.dll"}""");
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", plugins);
        var before = await agent.UntilAsync("/status", s => IsLive(s, "replaced") && IsLive(s, "other"));
        long ticks = (long)before["ticks"]!;

        // As a copy does it: over the file itself.
        File.Copy(Path.Combine(plugins, "other", "SecondPlugin.dll"), Path.Combine(plugins, "replaced", "SecondPlugin.dll"), overwrite: true);
        var after = await agent.UntilAsync("/status", s =>
            (int?)AgentProcess.Plugin(s, "replaced")!["pid"] is { } pid && pid != (int?)AgentProcess.Plugin(before, "replaced")!["pid"]);

        // Long before plugin folders are looked through again, which is once a minute.
        Assert.InRange((long)after["ticks"]!, ticks, ticks + 9);
        Assert.Equal((int?)AgentProcess.Plugin(before, "other")!["pid"], (int?)AgentProcess.Plugin(after, "other")!["pid"]);
        after = await agent.UntilAsync("/status", s => (long)s["ticks"]! >= ticks + 2);
        // A busy host may have let it be late once; it was never gone or unreadable.
        Assert.Empty(AgentProcess.Page(after, "other")!["counts"]!.AsObject().Select(c => c.Key).Except(["ok", "unchanged"]));

        static bool IsLive(JsonNode status, string name) => (string?)AgentProcess.Page(status, name)?["state"] == "live";
    }

    private static void Copy(string plugin, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(AgentProcess.Program(plugin, plugin + ".dll"))!))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }

    private static bool Has(JsonNode updates, string name, string value)
    {
        int column = updates["meta"]!["legend"]!.AsArray().Select(e => (string)e!).ToList()
            .FindIndex(e => e.EndsWith(":" + name, StringComparison.Ordinal));
        return column >= 0 && updates["data"]!.AsArray().Any(r => (string)r!["values"]![column]! == value);
    }
}
