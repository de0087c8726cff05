using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.IO.Pipelines;
using CollectorAgent.Native;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Store;

/// <summary>The folder of archives, which the toolstack shares: one file for each VM, SR or host, gzip of an RRD's XML, named by its uuid.
/// See docs/formats/archives.md.</summary>
/// <param name="path">Made with the first archive.</param>
public sealed class ArchiveFolder(string path, ILogger<ArchiveFolder>? log = null) : IDisposable
{
    /// <summary>How the name of an archive ends.</summary>
    public const string Suffix = ".gz";

    /// <summary>Most values of an archive from elsewhere: those of 256 MiB of the rows that agents write. Each takes 16 bytes while it is read.</summary>
    public const long MaxForeignCells = 16L << 20;

    // Behind the name of the archive that it becomes; then comes what no other one has.
    private const string UnfinishedMark = ".unfinished-";

    private const UnixFileMode FolderMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private const UnixFileMode FileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const int MaxTold = 1000;
    private const int MaxShown = 160;

    private readonly ConcurrentDictionary<string, bool> _told = [];

    // Reading what comes from elsewhere takes memory: one at a time.
    private readonly SemaphoreSlim _reading = new(1);

    /// <summary>Where the archive of a uuid is, or would be.</summary>
    /// <param name="uuid">Checked: it becomes part of a path.</param>
    public string PathOf(string uuid) => Path.Combine(path, uuid + Suffix);

    /// <summary>Removes what was being written when the agent was killed.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void RemoveUnfinished()
    {
        foreach (string file in Directory.Exists(path) ? Directory.EnumerateFiles(path, "*" + UnfinishedMark + "*") : [])
        {
            File.Delete(file);
        }
    }

    /// <summary>Writes an archive: when it returns it is on disk under its name, whole; until then the one before is.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="IOException">It could not be written; the one before is still there.</exception>
    public Task<string> WriteAsync(string uuid, RrdSnapshot rrd, CancellationToken cancellationToken) =>
        WriteAsync(uuid, xml => WriteAsync(rrd, xml, cancellationToken), isChecked: false, cancellationToken);

    /// <summary>Takes an archive from elsewhere, as it is.</summary>
    /// <param name="xml">To its end.</param>
    /// <exception cref="ArchiveFormatException">It is not an RRD; nothing was changed.</exception>
    /// <inheritdoc cref="WriteAsync(string, RrdSnapshot, CancellationToken)"/>
    public Task<string> WriteAsync(string uuid, Stream xml, CancellationToken cancellationToken) =>
        WriteAsync(uuid, file => xml.CopyToAsync(file, cancellationToken), isChecked: true, cancellationToken);

    /// <summary>The archive of a uuid, gzip of XML.</summary>
    /// <returns>Null where nothing has its name.</returns>
    /// <exception cref="IOException">It cannot be opened, or is no regular file.</exception>
    public Stream? Open(string uuid) => IsThere(PathOf(uuid)) ? OpenFile(PathOf(uuid)) : null;

    /// <summary>Whether anything has this path, be it a folder or a link to nothing: that is no archive, but none is missing there
    /// either.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public static bool IsThere(string file) => PosixFile.FindStatus(file) is not null;

    /// <summary>How long the document in the archive of a uuid is, as the archive says, see RFC 1952: what it is worth is seen when it is
    /// read.</summary>
    /// <returns>0 if there is no archive, or if it does not say.</returns>
    public long UnpackedBytes(string uuid)
    {
        try
        {
            using var archive = Open(uuid);
            if (archive is null || archive.Length < sizeof(uint))
            {
                return 0;
            }
            Span<byte> length = stackalloc byte[sizeof(uint)];
            archive.Seek(-length.Length, SeekOrigin.End);
            archive.ReadExactly(length);
            return BinaryPrimitives.ReadUInt32LittleEndian(length);
        }
        catch (IOException)
        {
            // Whoever reads it hears why it cannot be.
            return 0;
        }
    }

    /// <summary>Reads the archive of a uuid.</summary>
    /// <returns>Null if there is no archive.</returns>
    /// <exception cref="ArchiveFormatException">It is not an archive.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public RoundRobinDatabase? Read(string uuid)
    {
        using var archive = Open(uuid);
        if (archive is null)
        {
            return null;
        }
        var leftOut = new List<string>();
        var rrd = ReadFile(archive, leftOut);
        Tell(uuid, leftOut);
        return rrd;
    }

    /// <summary>Reads an RRD that comes from elsewhere.</summary>
    /// <param name="xml">Its size has been bounded.</param>
    /// <exception cref="ArchiveFormatException">It is not an archive.</exception>
    /// <exception cref="IOException">It does not come.</exception>
    public async Task<RoundRobinDatabase> ReadForeignAsync(Stream xml, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            var leftOut = new List<string>();
            var rrd = RrdXmlReader.Read(xml, MaxForeignCells, leftOut);
            Tell("a document from elsewhere", leftOut);
            return rrd;
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    /// <summary>Removes an archive, and one of the old form, which is not compressed.</summary>
    /// <returns>False if there was no archive.</returns>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public bool Remove(string uuid)
    {
        bool wasThere = File.Exists(PathOf(uuid));
        if (Directory.Exists(path))
        {
            File.Delete(PathOf(uuid));
            File.Delete(Path.Combine(path, uuid));
            PosixFile.SyncFolder(path);
        }
        return wasThere;
    }

    /// <summary>Renames an archive that cannot be used, so that the next one does not take its place.</summary>
    /// <returns>Its new path.</returns>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public string SetAside(string uuid) => StoreFolder.SetAside(PathOf(uuid));

    /// <summary>Reads any file of that form.</summary>
    /// <exception cref="ArchiveFormatException">It is not an archive.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RoundRobinDatabase ReadFile(string file)
    {
        using var stream = OpenFile(file);
        return ReadFile(stream);
    }

    /// <summary>Writes an RRD as archives have it, not compressed.</summary>
    public static async Task WriteAsync(RrdSnapshot rrd, Stream stream, CancellationToken cancellationToken)
    {
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        await RrdXmlWriter.WriteAsync(rrd, RrdForm.Internal, pipe, cancellationToken);
        await pipe.CompleteAsync();
    }

    private static FileStream OpenFile(string file)
    {
        // Never waits, whatever lies there.
        var handle = PosixFile.OpenForReading(file);
        if (PosixFile.Status(handle).Kind == FileKind.RegularFile)
        {
            return new FileStream(handle, FileAccess.Read);
        }
        handle.Dispose();
        throw new IOException($"{file} is no regular file");
    }

    private static RoundRobinDatabase ReadFile(Stream file, ICollection<string>? leftOut = null)
    {
        using var xml = WholeGzip.Unpack(file, leaveOpen: true);
        try
        {
            var rrd = RrdXmlReader.Read(xml, leftOut: leftOut);
            // The checksum stands at the end, behind the document.
            xml.CopyTo(Stream.Null);
            return rrd;
        }
        catch (InvalidDataException e)
        {
            throw new ArchiveFormatException(e.Message, e);
        }
    }

    /// <summary>Says what of an archive has no meaning here, of each once: whoever reads it can read it again and again.</summary>
    private void Tell(string what, List<string> leftOut)
    {
        if (log is not null && leftOut.Count > 0 && _told.Count < MaxTold && _told.TryAdd(what, true))
        {
            Log.LeftOut(log, what, leftOut.Count, leftOut[0].Length <= MaxShown ? leftOut[0] : leftOut[0][..MaxShown] + "…");
        }
    }

    private async Task<string> WriteAsync(string uuid, Func<Stream, Task> write, bool isChecked, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(path, FolderMode);
        string target = PathOf(uuid);
        string unfinished = $"{target}{UnfinishedMark}{Guid.NewGuid():N}";
        try
        {
            await using (var file = new FileStream(unfinished, System.IO.FileMode.CreateNew, FileAccess.ReadWrite))
            {
                await using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
                {
                    await write(gzip);
                }
                if (isChecked)
                {
                    file.Position = 0;
                    await using var written = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
                    await ReadForeignAsync(written, cancellationToken);
                }
                cancellationToken.ThrowIfCancellationRequested();
                file.Flush(flushToDisk: true);
            }
            File.SetUnixFileMode(unfinished, FileMode);
            File.Move(unfinished, target, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
        PosixFile.SyncFolder(path);
        return target;
    }
}
