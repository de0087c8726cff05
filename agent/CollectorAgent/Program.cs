using System.CommandLine;
using CollectorAgent;

var root = new Option<string?>("--root")
{
    Description = "Folder below which every path lies. Standard: / for root, the state folder for other users.",
    HelpName = "DIR",
};
var listen = new Option<string[]>("--listen")
{
    Description = $"Address for readers; repeatable; 'none' for the Unix socket only. Standard: {AgentOptions.StandardListen}.",
    HelpName = "ADDRESS:PORT",
};
var plugins = new Option<string[]>("--plugins")
{
    Description = "Folder of plugins, in place of the standard ones; repeatable.",
    HelpName = "DIR",
};
var command = new RootCommand("Samples stats plugins, keeps round robin databases, serves them over HTTP.") { root, listen, plugins };
command.SetAction(async (result, _) =>
{
    try
    {
        var options = AgentOptions.Create(result.GetValue(root), result.GetValue(listen) ?? [], result.GetValue(plugins) ?? []);
        await new AgentHost(options, TimeProvider.System).RunAsync();
        return 0;
    }
    catch (OptionException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 2;
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        await Console.Error.WriteLineAsync($"collector-agent: {e.Message}");
        return 1;
    }
});
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
