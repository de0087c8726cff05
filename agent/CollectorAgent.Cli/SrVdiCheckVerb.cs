using System.CommandLine;
using System.IO.Compression;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Cli;

/// <summary>Says what a stats VDI holds.</summary>
internal sealed class SrVdiCheckVerb : Verb
{
    // Of the year 9999.
    private const double LastSecond = 253_402_300_799;

    private readonly Argument<string> _device = StatsVdiAccess.Device();

    public SrVdiCheckVerb()
        : base("check", "Says what a stats VDI holds. Nothing is written.", "collectorctl sr-vdi check /dev/VG/stats") => Add(_device);

    /// <summary>What was found, for people.</summary>
    public static string Found(StatsVdiContent content) =>
        content.IsInterrupted && !content.IsSpare ? $"{content.Detail}; a write was interrupted" : content.Detail;

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        string device = arguments.GetRequiredValue(_device);
        var content = StatsVdiAccess.Read(arguments, device);
        StatsVdiAccess.RequireArchive(device, content);
        await using var text = session.OpenText();
        await text.WriteLineAsync($"found    {Found(content)}");
        await text.WriteLineAsync(FormattableString.Invariant($"archive  {content.Archive.Length} bytes, {content.UnpackedBytes} unpacked; whole"));
        await text.WriteLineAsync(Printable.Of($"rrd      {Rrd(content)}"));
        await text.WriteLineAsync(FormattableString.Invariant($"room     the next archive may have {content.SafeBytes} bytes"));
    }

    private static string Rrd(StatsVdiContent content)
    {
        try
        {
            using var xml = new GZipStream(new MemoryStream(content.Archive.ToArray()), CompressionMode.Decompress);
            var rrd = RrdXmlReader.Read(xml);
            string time = rrd.LastUpdated is > 0 and < LastSecond ? ValueText.Time((long)rrd.LastUpdated) : "never";
            return FormattableString.Invariant($"data sources: {rrd.DataSources.Count()}, last update {time}");
        }
        catch (ArchiveFormatException e)
        {
            return $"none: {e.Message}";
        }
    }
}
