using System.Net;

namespace CollectorAgent.Cli;

/// <summary>The agent answered with an error.</summary>
internal sealed class RefusalException(HttpStatusCode status, string message) : CliException(Cli.ExitCode.BadAnswer, message)
{
    public HttpStatusCode Status => status;
}
