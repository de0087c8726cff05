using CollectorAgent.Native;
using CollectorAgent.Rrd;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Store;

/// <summary>Takes up files as the last process left them: nothing is parsed but the directory; rows are checked when they are read.</summary>
internal sealed class FileRecovery(StoreFolder folder, ILogger log)
{
    /// <summary>A directory that names more is none of ours, whatever its checksum says.</summary>
    private const long MaxFileBytes = 1L << 40;

    private readonly SharedDefinitions _shared = new();

    private readonly record struct Candidate(FileHeader Header, int Slot);

    private sealed record Found(Candidate Candidate, FileDirectory Directory, IReadOnlyList<Tile?> Tiles)
    {
        public bool IsWhole => Tiles.All(t => t is not null);

        /// <summary>One copy of the directory is damaged, or the end of the file is gone.</summary>
        public bool IsRepaired { get; init; }
    }

    /// <exception cref="DamagedFileException">There is nothing in it that can be used for this owner.</exception>
    /// <exception cref="IOException">It cannot be opened, or a newer agent has written it.</exception>
    public OwnedRrd Open(RrdOwner owner)
    {
        string path = folder.PathOf(owner);
        RefuseAllButFiles(PosixFile.Status(path));
        using var handle = PosixFile.OpenForUpdate(path);
        RefuseAllButFiles(PosixFile.Status(handle));
        var candidates = Candidates(handle, owner);
        var space = new OwnerSpace(folder, owner);
        var file = new OwnerFile(space, path, handle);
        space.TakeUp(file);
        var found = Find(space, handle, candidates);
        var newest = candidates.MaxBy(c => c.Header.Sequence);
        var confirmed = candidates.Where(c => c.Header.IsConfirmed).Select(c => TryRead(handle, c) is { } d ? Committed(c, d) : null);
        file.TakeUp(Committed(found.Candidate, found.Directory), confirmed.OfType<CommittedDirectory>(), newest.Header.Sequence);
        Tell(found, newest, path, space);
        var rrd = new RoundRobinDatabase(found.Directory.Layout, space);
        foreach (var tile in found.Tiles.OfType<Tile>())
        {
            rrd.Add(tile);
        }
        space.BeginFirstSync(rrd);
        // Agents before this one kept colons in names.
        rrd.MergeRepeated();
        return new OwnedRrd(owner, rrd, space);
    }

    private static void RefuseAllButFiles(FileStatus status)
    {
        if (status.Kind != FileKind.RegularFile)
        {
            throw new DamagedFileException("it is no regular file");
        }
    }

    /// <summary>The copies of the header that are whole.</summary>
    private static List<Candidate> Candidates(SafeFileHandle handle, RrdOwner owner)
    {
        byte[] page = new byte[FileSpace.PageBytes];
        if (RandomAccess.Read(handle, page, 0) < page.Length)
        {
            throw new DamagedFileException("it is too short to hold anything");
        }
        var headers = Enumerable.Range(0, FileHeader.Copies)
            .Select(i => (Header: FileHeader.Read(page.AsSpan(i * FileHeader.Bytes, FileHeader.Bytes)), Slot: i))
            .Where(h => h.Header is not null)
            .Select(h => new Candidate(h.Header!, h.Slot))
            .ToList();
        if (headers.Count == 0)
        {
            throw new DamagedFileException(FileHeader.HasMagic(page) ? "no copy of its header is whole" : "it has no header of the store");
        }
        if (headers.Find(h => h.Header.Version != FileHeader.CurrentVersion) is { Header: { } newer })
        {
            throw new IOException($"it has format version {newer.Version}, this agent knows {FileHeader.CurrentVersion}: use the agent that wrote it");
        }
        if (headers.Find(h => h.Header.Owner != owner) is { Header: { } strange })
        {
            throw new DamagedFileException($"it is the file of {strange.Owner.FileName}");
        }
        return headers;
    }

    /// <summary>The newest of which everything is there; where there is none, the newest whose directory is.</summary>
    private Found Find(OwnerSpace space, SafeFileHandle handle, List<Candidate> candidates)
    {
        string reason = "nothing in it was known to be on disk when the machine stopped";
        Candidate? partial = null;
        // What was not known to be on disk may be there in part only, mixed with what was there before, unless the machine has run on since.
        var usable = candidates.Where(c => c.Header.IsConfirmed || c.Header.Boot == folder.Boot);
        foreach (var candidate in usable.OrderByDescending(c => c.Header.Sequence).ThenByDescending(c => c.Header.IsConfirmed))
        {
            try
            {
                var found = OpenTiles(space, handle, candidate);
                if (found.IsWhole)
                {
                    return found;
                }
                partial ??= candidate;
            }
            catch (InvalidDataException e)
            {
                reason = e.Message;
            }
            space.Close();
        }
        return partial is { } best ? OpenTiles(space, handle, best) : throw new DamagedFileException(reason);
    }

    private Found OpenTiles(OwnerSpace space, SafeFileHandle handle, Candidate candidate)
    {
        var directory = Read(handle, candidate, out bool isCopy);
        long end = directory.Tiles.Select(t => t.Extent.End).DefaultIfEmpty().Max();
        bool isShort = end > RandomAccess.GetLength(handle);
        if (isShort)
        {
            // What was cut off reads as rows that were never written.
            RandomAccess.SetLength(handle, end);
        }
        var tiles = directory.Tiles.Select(stored =>
            space.Open(handle, stored) is { } memory ? Tile.Open(directory.Layout, stored.Columns, memory) : null);
        return new Found(candidate, directory, [.. tiles]) { IsRepaired = isCopy || isShort };
    }

    private FileDirectory Read(SafeFileHandle handle, Candidate candidate, out bool isCopy)
    {
        isCopy = false;
        try
        {
            return Read(handle, candidate.Header, candidate.Header.Directory.Start);
        }
        catch (InvalidDataException) when (candidate.Header.DirectoryCopy > 0)
        {
            isCopy = true;
            return Read(handle, candidate.Header, candidate.Header.DirectoryCopy);
        }
    }

    /// <exception cref="InvalidDataException">It is not there, or not whole.</exception>
    private FileDirectory Read(SafeFileHandle handle, FileHeader header, long start)
    {
        long length = header.Directory.Length;
        long fileLength = RandomAccess.GetLength(handle);
        bool isInside = start >= FileSpace.PageBytes && start % FileSpace.PageBytes == 0 && length % sizeof(ulong) == 0
            && length is > 0 and <= FileDirectory.MaxBytes && start <= fileLength - length;
        if (!isInside)
        {
            throw new InvalidDataException($"its directory lies at {start} to {start + length}, the file ends at {fileLength}");
        }
        byte[] bytes = new byte[length];
        if (RandomAccess.Read(handle, bytes, start) < length || Checksum.Of(bytes) != header.DirectoryChecksum)
        {
            throw new InvalidDataException("its directory does not fit its checksum");
        }
        return FileDirectory.Read(bytes, Math.Max(fileLength, MaxFileBytes), _shared);
    }

    private FileDirectory? TryRead(SafeFileHandle handle, Candidate candidate)
    {
        try
        {
            return Read(handle, candidate, out _);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static CommittedDirectory Committed(Candidate candidate, FileDirectory directory) => new(
        candidate.Header,
        candidate.Slot,
        [.. Places(candidate.Header), .. directory.Tiles.Select(t => t.Extent)]);

    /// <summary>Where the directory lies, once or twice.</summary>
    private static IEnumerable<Extent> Places(FileHeader header)
    {
        var extent = header.Directory with { Length = FileSpace.RoundUp(header.Directory.Length) };
        return header.DirectoryCopy > 0 ? [extent, extent with { Start = header.DirectoryCopy }] : [extent];
    }

    private void Tell(Found found, Candidate newest, string path, OwnerSpace space)
    {
        if (found.Candidate.Header.Sequence != newest.Header.Sequence)
        {
            Log.OlderTaken(log, path);
            space.NoteBehind();
        }
        if (found.IsRepaired)
        {
            Log.FileRepaired(log, path);
            space.NoteBehind();
        }
        foreach (var (i, stored) in found.Directory.Tiles.Index().Where(t => found.Tiles[t.Index] is null))
        {
            Log.TileLost(log, path, stored.Extent.Start, stored.Columns.Count, string.Join(", ", stored.Columns.Take(3).Select(c => c.Name)));
            space.NoteBehind();
        }
    }
}
