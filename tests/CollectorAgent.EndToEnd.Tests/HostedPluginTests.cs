using System.Text.Json.Nodes;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Plugins that a vendor drops into the plugin folder.</summary>
public sealed class HostedPluginTests
{
    [Fact]
    public async Task Dll_and_script_in_the_plugin_folder_are_recorded()
    {
        using var folder = new TemporaryFolder();
        string plugins = Path.Combine(folder.Path, "plugins.d");
        string dll = Directory.CreateDirectory(Path.Combine(plugins, "dll")).FullName;
        foreach (string file in Directory.EnumerateFiles(Path.GetDirectoryName(AgentProcess.Program("SecondPlugin", "SecondPlugin.dll"))!))
        {
            File.Copy(file, Path.Combine(dll, Path.GetFileName(file)));
        }
        await File.WriteAllTextAsync(Path.Combine(dll, "plugin.json"), """{"name":"a-dll","assembly":"SecondPlugin.dll"}""");
        string script = Directory.CreateDirectory(Path.Combine(plugins, "script")).FullName;
        await File.WriteAllTextAsync(Path.Combine(script, "plugin.json"), """{"name":"a-script","executable":"run","output":"lines"}""");
        await File.WriteAllTextAsync(Path.Combine(script, "run"), "#!/bin/sh\necho from_a_script 3 apples\n");
        File.SetUnixFileMode(Path.Combine(script, "run"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", plugins);

        await agent.UntilAsync("/rrd_updates?start=-60&host=true&json", u => Has(u, "answer", "2") && Has(u, "from_a_script", "3"));
        Assert.Equal(0, await agent.EndAsync("TERM"));
    }

    private static bool Has(JsonNode updates, string name, string value)
    {
        int column = updates["meta"]!["legend"]!.AsArray().Select(e => (string)e!).ToList()
            .FindIndex(e => e.EndsWith(":" + name, StringComparison.Ordinal));
        return column >= 0 && updates["data"]!.AsArray().Any(r => (string)r!["values"]![column]! == value);
    }
}
