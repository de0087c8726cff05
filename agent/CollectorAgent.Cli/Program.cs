using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using CollectorAgent.Cli;

var command = new RootCommand("Shows, queries and exports what a collector agent records.")
{
    new StatusVerb(),
    new PluginsVerb(),
    new PluginVerb(),
    new CapabilitiesVerb(),
    new TopVerb(),
    new QueryVerb(),
    new DumpVerb(),
    new CsvVerb(),
    new ForgetVerb(),
    new SrVdiVerb(),
    ConnectionOptions.Root,
    ConnectionOptions.Url,
};
foreach (var option in command.Options)
{
    if (option is HelpOption { Action: SynchronousCommandLineAction usual })
    {
        option.Action = new HelpWithExample(usual);
    }
}

// No name, path or number is empty: it is a variable of a script that was not set, and would mean another place than the script meant.
int empty = Array.FindIndex(
    args, a => string.IsNullOrWhiteSpace(a) || (a.StartsWith("--", StringComparison.Ordinal) && a.EndsWith('=')));
if (empty >= 0)
{
    string after = empty > 0 ? args[empty - 1] : "collectorctl";
    string which = string.IsNullOrWhiteSpace(args[empty]) ? $"the argument after '{after}'" : $"'{args[empty]}'";
    await Console.Error.WriteLineAsync($"collectorctl: {which} is empty.");
    return ExitCode.Usage;
}

// A name may begin with '@': no argument is taken for the name of a file with arguments.
var arguments = command.Parse(RowOptions.JoinOwners(args), new ParserConfiguration { ResponseFileTokenReplacer = null });
if (arguments.Action is ParseErrorAction)
{
    foreach (var error in arguments.Errors)
    {
        await Console.Error.WriteLineAsync($"collectorctl: {error.Message}");
    }
    var words = arguments.CommandResult.Command is Verb known ? known.Parents.OfType<Command>().Where(c => c is not RootCommand).Append(known).Select(c => " " + c.Name) : [];
    string verb = string.Concat(words);
    await Console.Error.WriteLineAsync($"'collectorctl{verb} --help' says what can be asked.");
    return ExitCode.Usage;
}
return await arguments.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TrialAgent.StopDeadline + TimeSpan.FromSeconds(2) });
