using System.CommandLine;
using System.CommandLine.Invocation;

namespace CollectorAgent.Cli;

/// <summary>The usual help, and below it an example, or the exit codes.</summary>
internal sealed class HelpWithExample(SynchronousCommandLineAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(parseResult.CommandResult.Command is Verb verb ? $"Example:\n  {verb.Example}\n" : ExitCode.Help);
        return ExitCode.Ok;
    }
}
