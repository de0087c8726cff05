using System.CommandLine;

namespace CollectorAgent.Cli;

/// <summary>One thing that can be asked of an agent.</summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description, string example)
        : base(name, description)
    {
        Example = example;
        SetAction(InvokeAsync);
    }

    /// <summary>A command line for the help.</summary>
    public string Example { get; }

    /// <summary>Whether being interrupted is the usual way to end.</summary>
    protected virtual bool GoesOn(ParseResult arguments) => false;

    /// <exception cref="CliException">It cannot be done.</exception>
    protected abstract Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken);

    private async Task<int> InvokeAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var agent = AgentConnection.Create(
                arguments.GetValue(ConnectionOptions.Root), arguments.GetValue(ConnectionOptions.Url), TimeProvider.System);
            await using var output = StandardOutput.Open();
            await RunAsync(new Session(agent, output, Console.Error, TimeProvider.System), arguments, cancellationToken);
            return ExitCode.Ok;
        }
        catch (CliException e)
        {
            await Console.Error.WriteLineAsync($"collectorctl: {e.Message}");
            return e.ExitCode;
        }
        catch (OutputClosedException)
        {
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return GoesOn(arguments) ? ExitCode.Ok : ExitCode.Interrupted;
        }
    }
}
