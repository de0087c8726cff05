using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Store;

/// <summary>History that was written as a document: archives, and the files of older stores. Both are gzip of XML.</summary>
/// <param name="archives">Folder of archives, named by uuid; null where there are none.</param>
/// <param name="hostUuid">Under which the host is archived.</param>
internal sealed class FormerHistory(StoreFolder folder, string? archives, string hostUuid)
{
    /// <summary>Where an archive of an owner would be.</summary>
    public string? ArchiveOf(RrdOwner owner) =>
        archives is null ? null : Path.Combine(archives, (owner.Kind == RrdOwnerKind.Host ? hostUuid : owner.Uuid) + ArchiveFolder.Suffix);

    /// <summary>Puts a document's history into a new file of the store.</summary>
    /// <param name="path">The document.</param>
    /// <exception cref="DamagedFileException">It cannot be read; the message says where.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public OwnedRrd Take(RrdOwner owner, string path)
    {
        var space = new OwnerSpace(folder, owner);
        var read = Read(path);
        var rrd = new RoundRobinDatabase(new SharedDefinitions().Layout(read.Layout.StepSeconds, read.Layout.Rras), space);
        rrd.Take(read);
        return new OwnedRrd(owner, rrd, space);
    }

    private static RoundRobinDatabase Read(string path)
    {
        try
        {
            var read = ArchiveFolder.ReadFile(path);
            // No longer rings than there is use for; what lies ahead of now is cut when everything is loaded.
            return read.Layout.StepSeconds == ArchiveLayout.StandardStepSeconds ? read.Confined(long.MaxValue)
                : throw new DamagedFileException(
                    $"its steps are {read.Layout.StepSeconds} s long, not {ArchiveLayout.StandardStepSeconds} s");
        }
        catch (ArchiveFormatException e)
        {
            throw new DamagedFileException(e.Message);
        }
    }
}
