using System.CommandLine;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>Takes the archive out of a stats VDI.</summary>
internal sealed class SrVdiReadVerb : Verb
{
    private readonly Argument<string> _device = StatsVdiAccess.Device();

    private readonly Option<string?> _output = new("--output")
    {
        Description = "Where the archive goes; replaced as a whole. Default: the standard output, unless it is a terminal.",
        HelpName = "FILE",
    };

    public SrVdiReadVerb()
        : base("read", "Takes the archive, gzip of an RRD in XML, out of a stats VDI.", "collectorctl sr-vdi read /dev/VG/stats --output sr.gz")
    {
        Add(_device);
        Add(_output);
    }

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        string device = arguments.GetRequiredValue(_device);
        string? output = arguments.GetValue(_output);
        if (output is null && !Console.IsOutputRedirected)
        {
            throw new CliException(ExitCode.Usage, "An archive is nothing for a terminal: use --output FILE, or a pipe.");
        }
        var content = StatsVdiAccess.Read(arguments, device);
        StatsVdiAccess.RequireArchive(device, content);
        if (output is null)
        {
            await session.Output.WriteAsync(content.Archive, cancellationToken);
        }
        else
        {
            OutputFile.Replace(output, device, content.Archive.Span);
        }
        if (content.State == StatsVdiState.Bare || content.IsInterrupted)
        {
            await session.Errors.WriteLineAsync($"collectorctl: {Printable.Of(device)}: {SrVdiCheckVerb.Found(content)}.");
        }
    }
}
