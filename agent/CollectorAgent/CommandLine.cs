using System.CommandLine;
using System.CommandLine.Invocation;
using CollectorAgent.Daemon;

namespace CollectorAgent;

/// <summary>The options, and what becomes of the process.</summary>
internal static class CommandLine
{
    private static readonly Option<string?> Root = new("--root")
    {
        Description = "Folder below which every path lies. Default: / for root, the state folder for other users.",
        HelpName = "DIR",
    };

    private static readonly Option<string[]> Listen = new("--listen")
    {
        Description = $"Address for readers; repeatable; 'none' for the Unix socket only. Default: {AgentOptions.StandardListen}.",
        HelpName = "ADDRESS:PORT",
    };

    private static readonly Option<string[]> AllowHost = new("--allow-host")
    {
        Description = "Name by which readers may ask for this host over TCP, beside its own names and addresses, such as an alias; repeatable.",
        HelpName = "NAME",
    };

    private static readonly Option<string[]> Plugins = new("--plugins")
    {
        Description = "Folder of plugins, in place of the usual ones; repeatable.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> RecordVms = new("--record-vms")
    {
        Description = "Which VMs to record: 'resident', those that a plugin reports, or 'told', those that the toolstack has announced. "
            + "Default: resident.",
        HelpName = "WHICH",
    };

    private static readonly Option<string[]> ListenTls = new("--listen-tls")
    {
        Description = "Address for other hosts and readers that know the pool secret, over TLS; repeatable. Default: none.",
        HelpName = "ADDRESS:PORT",
    };

    private static readonly Option<string?> Certificate = new("--certificate")
    {
        Description = "Certificate and private key to show them, in PEM. Default: etc/xensource/xapi-pool-tls.pem below the root.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> PoolSecret = new("--pool-secret")
    {
        Description = "Secret that all hosts of the pool share. Default: etc/xensource/ptoken below the root.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> PoolCa = new("--pool-ca")
    {
        Description = "Certificates by which other hosts are known, in PEM. Default: etc/stunnel/xapi-pool-ca-bundle.pem below the root.",
        HelpName = "FILE",
    };

    private static readonly Option<string[]> Pin = new("--pin")
    {
        Description = "Fingerprint of another host's certificate, by which it is known in place of --pool-ca; repeatable.",
        HelpName = "SHA256",
    };

    private static readonly Option<string?> Insecure = new("--insecure")
    {
        Description = "Do not check the certificates of other hosts, for this reason.",
        HelpName = "REASON",
    };

    /// <summary>Runs the agent to its end.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] arguments, DescriptorBudget descriptors)
    {
        using var signals = new HarmlessSignals();
        var command = new RootCommand("Samples stats plugins, keeps round robin databases, serves them over HTTP.")
        {
            Root, Listen, AllowHost, Plugins, RecordVms, ListenTls, Certificate, PoolSecret, PoolCa, Pin, Insecure,
        };
        command.SetAction((result, _) => RunAsync(result, descriptors, signals));
        // A path may begin with '@': no argument is taken for the name of a file with arguments.
        var parsed = command.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction)
        {
            string wrong = string.Join(" ", parsed.Errors.Select(e => e.Message));
            StandardStreams.Say($"collector-agent: {wrong} 'collector-agent --help' lists the options.");
            return ExitCode.WrongOptions;
        }
        return parsed.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    private static async Task<int> RunAsync(ParseResult result, DescriptorBudget descriptors, HarmlessSignals signals)
    {
        AgentHost? host = null;
        try
        {
            host = new AgentHost(Options(result), descriptors, signals, TimeProvider.System);
            await host.RunAsync();
            return ExitCode.Stopped;
        }
        catch (OptionException e)
        {
            StandardStreams.Say($"collector-agent: {Trouble.Sentence(e)}");
            return ExitCode.WrongOptions;
        }
        catch (StartException e)
        {
            StandardStreams.Say($"collector-agent: {e.Message}");
            return ExitCode.CannotStart;
        }
        catch (EssentialFailedException)
        {
            // The log has said what, and why.
            return ExitCode.Failed;
        }
        catch (Exception e)
        {
            bool hasStarted = host?.HasStarted == true;
            StandardStreams.Say($"collector-agent: {(hasStarted ? "failed" : "cannot start")}: {Trouble.Sentence(e)}");
            return hasStarted ? ExitCode.Failed : ExitCode.CannotStart;
        }
    }

    /// <exception cref="OptionException">An option has a value that cannot be.</exception>
    private static AgentOptions Options(ParseResult result) => AgentOptions.Create(
        Path(result, Root),
        result.GetValue(Listen) ?? [],
        [.. (result.GetValue(Plugins) ?? []).Select(folder => NotEmpty(Plugins, folder))],
        result.GetValue(RecordVms),
        paths => TlsOptions.Create(
            paths,
            result.GetValue(ListenTls) ?? [],
            Path(result, Certificate),
            Path(result, PoolSecret),
            Path(result, PoolCa),
            result.GetValue(Pin) ?? [],
            result.GetValue(Insecure))) with
    {
        AllowedHosts = [.. (result.GetValue(AllowHost) ?? []).Select(HostName)],
    };

    private static string HostName(string name) => string.IsNullOrWhiteSpace(name) || name.Any(c => char.IsWhiteSpace(c) || c is '/' or ':')
        ? throw new OptionException($"{AllowHost.Name}: '{name}' is not a host name; give the name alone, such as stats.example.com")
        : name;

    private static string? Path(ParseResult result, Option<string?> option) =>
        result.GetValue(option) is { } path ? NotEmpty(option, path) : null;

    /// <summary>An empty path would mean another place than whoever gave it had in mind: the host's own, or the current folder.</summary>
    private static string NotEmpty(Option option, string path) =>
        string.IsNullOrWhiteSpace(path) ? throw new OptionException($"{option.Name}: the path is empty") : path;
}
