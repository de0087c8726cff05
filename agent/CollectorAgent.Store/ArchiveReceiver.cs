using System.IO.Compression;
using CollectorAgent.Native;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Store;

/// <summary>Archives that come from other hosts: <c>UUID.gz</c> in one folder, whole and on the disk, or not there.</summary>
/// <param name="folder">Made where it is missing; others keep files there too.</param>
public sealed class ArchiveReceiver(string folder) : IDisposable
{
    // 256 MiB of the rows that agents write. What is read of them takes 16 bytes a value while it is checked.
    private const long MaxCells = 16L << 20;

    private const string UnfinishedPrefix = "incoming-";
    private const string UnfinishedSuffix = ".tmp";

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // Checking takes memory: one at a time.
    private readonly SemaphoreSlim _checking = new(1);

    /// <summary>Removes what an earlier run left unfinished.</summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    public void CleanUp()
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        foreach (string path in Directory.EnumerateFiles(folder, UnfinishedPrefix + "*" + UnfinishedSuffix))
        {
            File.Delete(path);
        }
    }

    /// <summary>Keeps an RRD, in place of the one of that uuid. When this returns it is on the disk.</summary>
    /// <param name="uuid">Can stand in a file name.</param>
    /// <param name="document">XML; its size has been bounded.</param>
    /// <exception cref="ArchiveFormatException">It is no RRD; what was kept before is untouched.</exception>
    /// <exception cref="IOException">It cannot be kept, likewise.</exception>
    public async Task StoreAsync(string uuid, Stream document, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        string unfinished = Path.Combine(folder, $"{UnfinishedPrefix}{uuid}-{Guid.NewGuid():N}{UnfinishedSuffix}");
        try
        {
            await WriteAsync(unfinished, document, cancellationToken);
            await CheckAsync(unfinished, cancellationToken);
            File.Move(unfinished, PathOf(uuid), overwrite: true);
            PosixFile.SyncFolder(folder);
        }
        finally
        {
            // Gone already where it has got its name.
            File.Delete(unfinished);
        }
    }

    /// <summary>The archive of a uuid, gzip of XML; null where there is none.</summary>
    /// <param name="uuid">Can stand in a file name.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public Stream? Open(string uuid)
    {
        try
        {
            return File.OpenRead(PathOf(uuid));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Dispose() => _checking.Dispose();

    private static async Task WriteAsync(string path, Stream document, CancellationToken cancellationToken)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode });
        // Whatever the mask of this process: other programs have always read archives.
        File.SetUnixFileMode(file.SafeFileHandle, Mode);
        await using (var gzip = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
        {
            await document.CopyToAsync(gzip, cancellationToken);
        }
        await file.FlushAsync(cancellationToken);
        PosixFile.SyncData(file.SafeFileHandle);
    }

    private async Task CheckAsync(string path, CancellationToken cancellationToken)
    {
        await _checking.WaitAsync(cancellationToken);
        try
        {
            using var xml = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            RrdXmlReader.Read(xml, MaxCells);
        }
        finally
        {
            _checking.Release();
        }
    }

    private string PathOf(string uuid) => Path.Combine(folder, uuid + ".gz");
}
