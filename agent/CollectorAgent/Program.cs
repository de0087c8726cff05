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
var allowHost = new Option<string[]>("--allow-host")
{
    Description = "Name by which readers may ask for this host over TCP, beside its own names and addresses, such as an alias; repeatable.",
    HelpName = "NAME",
};
var plugins = new Option<string[]>("--plugins")
{
    Description = "Folder of plugins, in place of the standard ones; repeatable.",
    HelpName = "DIR",
};
var recordVms = new Option<string?>("--record-vms")
{
    Description = "Which VMs are recorded: 'resident', those that a plugin reports, or 'told', those that the toolstack tells of. Standard: resident.",
    HelpName = "WHICH",
};
var listenTls = new Option<string[]>("--listen-tls")
{
    Description = "Address for other hosts and readers that know the pool secret, over TLS; repeatable. Standard: none.",
    HelpName = "ADDRESS:PORT",
};
var certificate = new Option<string?>("--certificate")
{
    Description = "What they are shown: certificate and private key in PEM. Standard: etc/xensource/xapi-pool-tls.pem below the root.",
    HelpName = "FILE",
};
var poolSecret = new Option<string?>("--pool-secret")
{
    Description = "What all hosts of the pool know. Standard: etc/xensource/ptoken below the root.",
    HelpName = "FILE",
};
var poolCa = new Option<string?>("--pool-ca")
{
    Description = "Certificates by which other hosts are known, in PEM. Standard: etc/stunnel/xapi-pool-ca-bundle.pem below the root.",
    HelpName = "FILE",
};
var pin = new Option<string[]>("--pin")
{
    Description = "Fingerprint of another host's certificate: it is known by that and not by --pool-ca; repeatable.",
    HelpName = "SHA256",
};
var insecure = new Option<string?>("--insecure")
{
    Description = "Do not check the certificates of other hosts, for this reason.",
    HelpName = "REASON",
};
var command = new RootCommand("Samples stats plugins, keeps round robin databases, serves them over HTTP.")
{
    root, listen, allowHost, plugins, recordVms, listenTls, certificate, poolSecret, poolCa, pin, insecure,
};
command.SetAction(async (result, _) =>
{
    try
    {
        var options = AgentOptions.Create(
            result.GetValue(root),
            result.GetValue(listen) ?? [],
            result.GetValue(plugins) ?? [],
            result.GetValue(recordVms),
            paths => TlsOptions.Create(
                paths,
                result.GetValue(listenTls) ?? [],
                result.GetValue(certificate),
                result.GetValue(poolSecret),
                result.GetValue(poolCa),
                result.GetValue(pin) ?? [],
                result.GetValue(insecure))) with
        {
            AllowedHosts = result.GetValue(allowHost) ?? [],
        };
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
