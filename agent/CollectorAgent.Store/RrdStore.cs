using System.Collections.Concurrent;
using System.IO.Compression;
using System.IO.Pipelines;
using CollectorAgent.Native;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Store;

/// <summary>All RRDs of this host, and the files in which they outlive the process.</summary>
/// <remarks>One file an owner, gzip of the internal XML form, in <c>rrds</c> below the store's folder. See
/// docs/formats/store.md.</remarks>
public sealed class RrdStore
{
    private const string Suffix = ".xml.gz";
    private const string Unfinished = ".tmp";
    private const string Damaged = ".damaged";

    private readonly string _folder;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<RrdOwner, OwnedRrd> _rrds = [];

    /// <param name="folder">The live store's folder; made where it is missing.</param>
    public RrdStore(string folder, ILogger log)
    {
        _folder = Path.Combine(folder, "rrds");
        _log = log;
        Directory.CreateDirectory(_folder);
    }

    /// <summary>The newest step that any RRD has ended.</summary>
    public long LastStep => _rrds.Values.Select(r => r.Copy(d => d.LastStep)).DefaultIfEmpty(0).Max();

    /// <summary>The host, then VMs, then SRs, each by uuid.</summary>
    public IReadOnlyList<OwnedRrd> All => [.. _rrds.Values.OrderBy(r => r.Owner.Kind).ThenBy(r => r.Owner.Uuid, StringComparer.Ordinal)];

    public OwnedRrd? Find(RrdOwner owner) => _rrds.GetValueOrDefault(owner);

    /// <summary>The RRD of an owner; a new and empty one where there is none.</summary>
    public OwnedRrd FindOrCreate(RrdOwner owner, ArchiveLayout layout) =>
        _rrds.GetOrAdd(owner, static (o, l) => new OwnedRrd(o, new RoundRobinDatabase(l)), layout);

    /// <summary>Reads all files. One that cannot be read is set aside under another name, and its owner starts anew.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public void Load()
    {
        foreach (string path in Directory.EnumerateFiles(_folder, "*" + Unfinished))
        {
            File.Delete(path);
        }
        foreach (string path in Directory.EnumerateFiles(_folder, "*" + Suffix))
        {
            string name = Path.GetFileName(path)[..^Suffix.Length];
            if (RrdOwner.Parse(name) is not { } owner)
            {
                Log.ForeignFile(_log, path);
                continue;
            }
            try
            {
                using var file = File.OpenRead(path);
                using var xml = new GZipStream(file, CompressionMode.Decompress);
                var rrd = RrdXmlReader.Read(xml);
                // The checksum stands at the end, behind the document.
                xml.CopyTo(Stream.Null);
                _rrds[owner] = new OwnedRrd(owner, rrd);
            }
            catch (Exception e) when (e is ArchiveFormatException or InvalidDataException)
            {
                File.Move(path, path + Damaged, overwrite: true);
                Log.FileSetAside(_log, path, path + Damaged, e.Message);
            }
        }
    }

    /// <summary>Writes every RRD to its file: whole, or not at all.</summary>
    /// <returns>How many could not be written; each is in the log, and its old file is as it was.</returns>
    public async Task<int> SaveAsync(CancellationToken cancellationToken)
    {
        int failures = 0;
        foreach (var rrd in All)
        {
            try
            {
                await SaveAsync(rrd, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.SaveFailed(_log, rrd.Owner.FileName, e.Message);
                failures++;
            }
        }
        return failures;
    }

    private async Task SaveAsync(OwnedRrd owned, CancellationToken cancellationToken)
    {
        string path = Path.Combine(_folder, owned.Owner.FileName + Suffix);
        string unfinished = path + Unfinished;
        try
        {
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
            {
                await using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
                {
                    var pipe = PipeWriter.Create(gzip, new StreamPipeWriterOptions(leaveOpen: true));
                    await RrdXmlWriter.WriteAsync(owned.Copy(r => r.Snapshot(owned.Gate)), RrdForm.Internal, pipe, cancellationToken);
                    await pipe.CompleteAsync();
                }
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
            PosixFile.SyncFolder(_folder);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
