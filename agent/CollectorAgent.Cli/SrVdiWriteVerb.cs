using System.CommandLine;

namespace CollectorAgent.Cli;

/// <summary>Puts an archive into a stats VDI.</summary>
internal sealed class SrVdiWriteVerb : Verb
{
    // No stats VDI takes so much: a longer file is refused without having been read.
    private const int MaxArchiveBytes = 4 << 20;

    private readonly Argument<string> _device = StatsVdiAccess.Device();
    private readonly Argument<string> _archive = new("ARCHIVE") { Description = "A gzip file, as the agent archives an RRD." };

    private readonly Option<bool> _inPlace = new("--in-place")
    {
        Description = "Write also where there is no room for a copy. A crash may then lose the old archive and the new one.",
    };

    private readonly Option<bool> _force = new("--force")
    {
        Description = "Write also over what is neither empty nor a whole archive.",
    };

    public SrVdiWriteVerb()
        : base(
            "write",
            "Puts an archive into a stats VDI. After a crash either the old archive or the new one is there, whole.",
            "collectorctl sr-vdi write /dev/VG/stats sr.gz")
    {
        Add(_device);
        Add(_archive);
        Add(_inPlace);
        Add(_force);
    }

    protected override Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        StatsVdiAccess.Write(
            arguments,
            arguments.GetRequiredValue(_device),
            ReadArchive(arguments.GetRequiredValue(_archive)),
            arguments.GetValue(_inPlace),
            arguments.GetValue(_force));
        return Task.CompletedTask;
    }

    private static ReadOnlyMemory<byte> ReadArchive(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            byte[] bytes = new byte[MaxArchiveBytes];
            return bytes.AsMemory(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StatsVdiAccess.Failed(path, e);
        }
    }
}
