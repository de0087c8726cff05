using System.CommandLine;

namespace CollectorAgent.Cli;

/// <summary>The options that say which agent is meant; every verb has them.</summary>
internal static class ConnectionOptions
{
    public static Option<string?> Root { get; } = new("--root")
    {
        Description = "Root of the agent whose socket is used. Default: / for root, the state folder for other users.",
        HelpName = "DIR",
        Recursive = true,
    };

    public static Option<string?> Url { get; } = new("--url")
    {
        Description = "Address of an agent, in place of a socket, such as http://127.0.0.1:9780.",
        HelpName = "ADDRESS",
        Recursive = true,
    };

    /// <summary>For a verb that asks no agent.</summary>
    /// <exception cref="CliException">One of them is given.</exception>
    public static void MustBeAbsent(ParseResult arguments, string why)
    {
        if (arguments.GetValue(Root) is not null || arguments.GetValue(Url) is not null)
        {
            throw new CliException(ExitCode.Usage, $"{why}: leave out --root and --url.");
        }
    }
}
