using CollectorAgent.Native;
using CollectorAgent.Rrd;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Store;

/// <summary>The file of one owner: which parts of it are taken and by what, and what of it is on disk. See docs/formats/store.md.</summary>
/// <remarks>
/// <para>It is opened for each change and closed again, so that no number of owners runs out of open files; what is mapped stays.</para>
/// <para>Touched only under the owner's gate, but for <see cref="Flush"/>.</para>
/// </remarks>
internal sealed class OwnerFile
{
    private static readonly Dictionary<long, Range> NoTiles = [];

    private readonly OwnerSpace _space;
    private readonly string _path;
    private readonly FileStatus _identity;
    private readonly bool _isInMemory;
    private readonly List<MappedTile> _tiles = [];

    // What the file says it holds; what it says on disk, or any of what it may say there; and what is on the way there.
    private CommittedDirectory? _newest;
    private IReadOnlyList<CommittedDirectory> _synced = [];
    private CommittedDirectory? _pending;

    private long _sequence;
    private long _length;
    private bool _isTidy = true;

    // What is used, by starts; null where that has to be found out anew.
    private List<Extent>? _used;
    // Something was written that no tile knows of.
    private bool _isUnsynced;

    /// <param name="space">Whose tiles lie in it.</param>
    /// <param name="path">Where it was opened.</param>
    /// <param name="file">A regular file, open for update.</param>
    public OwnerFile(OwnerSpace space, string path, SafeFileHandle file)
    {
        _space = space;
        _path = path;
        _identity = PosixFile.Status(file);
        _isInMemory = PosixFile.IsInMemory(file);
        _length = (long)_identity.SizeBytes;
    }

    /// <summary>Bytes on the disk at the last <see cref="Flush"/>.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Whether there is no file of its name any more.</summary>
    public bool IsRemoved
    {
        get
        {
            try
            {
                PosixFile.Status(_path);
                return false;
            }
            catch (PosixException e)
            {
                return e.Errno == PosixException.NoSuchFile;
            }
        }
    }

    /// <summary>Makes a file that holds nothing yet.</summary>
    /// <exception cref="IOException">It cannot be made, or there is one of that name.</exception>
    public static OwnerFile Create(OwnerSpace space, string path)
    {
        // Somebody may have removed the folder.
        space.Folder.Make();
        using var file = PosixFile.CreateNew(path);
        try
        {
            RandomAccess.Write(file, new byte[FileSpace.PageBytes], 0);
            space.Folder.NoteNewName();
            return new OwnerFile(space, path, file);
        }
        catch (IOException)
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Memory for a new tile, all zero.</summary>
    /// <exception cref="IOException">There is no room, or no mapping.</exception>
    public MappedTile Allocate(int length)
    {
        using var file = Open();
        var extent = Take(file, FileSpace.RoundUp((long)length + MappedTile.TagBytes), FileSpace.Front);
        var used = _used;
        var tile = Map(file, extent, length);
        _used = used;
        try
        {
            AllocateChunks(file, tile, 0, 1);
            tile.Tag = Random.Shared.NextInt64();
        }
        catch (IOException)
        {
            Release(tile);
            throw;
        }
        return tile;
    }

    /// <summary>Maps a tile that the file holds.</summary>
    /// <exception cref="IOException">There is no mapping.</exception>
    public MappedTile Map(SafeFileHandle file, Extent extent, int length)
    {
        if (extent.Length > int.MaxValue)
        {
            throw new IOException($"a tile of {extent.Length} bytes is too large for a file of the store");
        }
        if (_isInMemory)
        {
            // There a page takes its place when it is read, so all of them get it now.
            PosixFile.Allocate(file, extent.Start, extent.Length);
        }
        var tile = new MappedTile(_space, MappedMemory.Map(file, extent.Start, (int)extent.Length), extent, length);
        if (_isInMemory)
        {
            tile.NoteAllAllocated();
        }
        _tiles.Add(tile);
        _used = null;
        return tile;
    }

    /// <summary>Gives a part of a tile its place on the disk.</summary>
    /// <exception cref="IOException">There is no room.</exception>
    public void AllocateChunks(MappedTile tile, int start, int length)
    {
        using var file = Open();
        AllocateChunks(file, tile, start, length);
    }

    /// <summary>No tile lies there any more. While a directory names it that may have to be read, its part of the file is kept.</summary>
    public void Release(MappedTile tile)
    {
        _tiles.Remove(tile);
        _used = null;
        tile.Unmap();
        _isTidy = false;
    }

    /// <summary>Releases all but some tiles.</summary>
    public void ReleaseAllBut(IReadOnlyCollection<MappedTile> kept)
    {
        foreach (var tile in _tiles.Except(kept).ToList())
        {
            Release(tile);
        }
    }

    /// <summary>Says in the file what it holds from now on.</summary>
    /// <exception cref="IOException">There is no room; the file says what it said before.</exception>
    public void Commit(ArchiveLayout layout, IEnumerable<(MappedTile Tile, IReadOnlyList<DataSource> Columns)> tiles)
    {
        var stored = tiles.Select(t => new StoredTile(t.Tile.Extent, t.Tile.Tag, t.Columns)).ToList();
        using var file = Open();
        byte[] former = ReadDirectory(file, _newest);
        byte[] bytes = new FileDirectory(layout, stored).Write(former, former.Length > 0 ? _newest!.Tiles : NoTiles, out var tileBytes);
        if (bytes.Length > FileDirectory.MaxBytes)
        {
            throw new IOException($"a directory of {bytes.Length} bytes is too large for a file of the store");
        }
        // Twice, and not side by side: what is cut off the file, or turned over in it, takes one of them.
        long length = FileSpace.RoundUp(bytes.Length);
        var extent = Take(file, length, FileSpace.HeaderPage);
        RandomAccess.Write(file, bytes, extent.Start);
        var copy = Take(file, length, FileSpace.Front, extent);
        RandomAccess.Write(file, bytes, copy.Start);
        var header = new FileHeader
        {
            Sequence = _sequence + 1,
            Directory = extent with { Length = bytes.Length },
            DirectoryChecksum = Checksum.Of(bytes),
            DirectoryCopy = copy.Start,
            Boot = _space.Folder.Boot,
            Owner = _space.Owner,
        };
        var committed = new CommittedDirectory(header, FreeSlot(), [extent, copy, .. stored.Select(t => t.Extent)]) { Tiles = tileBytes };
        _newest = Write(file, committed);
        _used = null;
        _sequence++;
        _isTidy = false;
        _isUnsynced = true;
    }

    /// <summary>Takes up what an earlier process has left.</summary>
    /// <param name="newest">What counts.</param>
    /// <param name="confirmed">What may be on disk by now: all of it is kept until the next sync.</param>
    /// <param name="sequence">The highest that the file knows.</param>
    public void TakeUp(CommittedDirectory newest, IEnumerable<CommittedDirectory> confirmed, long sequence)
    {
        _newest = newest;
        _used = null;
        // One copy of the header has to stay free for a change, and one for its confirmation.
        _synced = [.. confirmed.OrderByDescending(c => c.Header.Sequence).Take(FileHeader.Copies - 3)];
        _sequence = sequence;
        _isTidy = false;
        _isUnsynced = true;
    }

    /// <returns>False where everything is on disk.</returns>
    public bool BeginSync()
    {
        if (_newest is null || !(_isUnsynced || _tiles.Exists(t => t.IsDirty)))
        {
            return false;
        }
        _pending = _newest;
        _isUnsynced = false;
        foreach (var tile in _tiles)
        {
            tile.IsDirty = false;
        }
        return true;
    }

    /// <summary>Waits until all that was written is on disk. Takes long: not to be called under the gate.</summary>
    /// <exception cref="IOException">It may not be there.</exception>
    public void Flush()
    {
        using var file = Open();
        PosixFile.SyncData(file);
        _space.Folder.SyncNewNames();
        AllocatedBytes = (long)PosixFile.Status(file).AllocatedBytes;
    }

    /// <summary>What the directory names is on disk: says so in the header.</summary>
    /// <returns>False where that was said before; else the header must get to the disk too.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public bool Confirm()
    {
        if (_pending is null || _pending.Header.IsConfirmed)
        {
            return false;
        }
        using var file = Open();
        var confirmed = Write(file, _pending with { Header = _pending.Header with { IsConfirmed = true }, Slot = FreeSlot() });
        _newest = ReferenceEquals(_newest, _pending) ? confirmed : _newest;
        _pending = confirmed;
        return true;
    }

    /// <param name="isOnDisk">Everything that was there at <see cref="BeginSync"/> is.</param>
    /// <exception cref="IOException">What is free could not be given back.</exception>
    public void EndSync(bool isOnDisk)
    {
        if (isOnDisk)
        {
            _synced = [_pending!];
        }
        _pending = null;
        _used = null;
        if (!isOnDisk)
        {
            _tiles.ForEach(t => t.WriteAgain());
        }
        else if (!_isTidy && ReferenceEquals(_newest, _synced[0]))
        {
            Tidy();
        }
    }

    public void Close()
    {
        _tiles.ForEach(t => t.Unmap());
        _tiles.Clear();
    }

    /// <summary>Opens it, if it is the same file still.</summary>
    private SafeFileHandle Open()
    {
        var file = PosixFile.OpenForUpdate(_path);
        var status = PosixFile.Status(file);
        if ((status.Inode, status.Device) == (_identity.Inode, _identity.Device))
        {
            return file;
        }
        file.Dispose();
        throw new IOException($"{_path} is another file than the agent opened");
    }

    /// <summary>The directories that count, or may have to.</summary>
    private IEnumerable<CommittedDirectory> Needed() => new[] { _newest, _pending }.OfType<CommittedDirectory>().Concat(_synced);

    /// <summary>The parts that something lies in which counts, or may have to.</summary>
    private IEnumerable<Extent> Used()
    {
        return Needed().SelectMany(d => d.Extents).Concat(_tiles.Select(t => t.Extent)).Prepend(FileSpace.HeaderPage);
    }

    /// <summary>Takes a free part of the file, which is all zero then.</summary>
    /// <param name="kept">Parts that are not to be taken either.</param>
    private Extent Take(SafeFileHandle file, long length, params ReadOnlySpan<Extent> kept)
    {
        var used = _used ?? [.. Used().OrderBy(e => e.Start)];
        foreach (var part in kept)
        {
            FileSpace.Insert(used, part);
        }
        var extent = FileSpace.FirstFit(used, length);
        foreach (var part in kept)
        {
            used.Remove(part);
        }
        FileSpace.Insert(used, extent);
        if (extent.Start < _length)
        {
            Clear(file, extent with { Length = Math.Min(extent.End, _length) - extent.Start });
        }
        if (extent.End > _length)
        {
            RandomAccess.SetLength(file, extent.End);
            _length = extent.End;
        }
        _used = used;
        return extent;
    }

    /// <summary>Gives back what nothing lies in that may be needed: holes in the middle, the end of the file.</summary>
    private void Tidy()
    {
        using var file = Open();
        foreach (var gap in FileSpace.Gaps(Used()))
        {
            Clear(file, gap);
        }
        long end = Used().Max(e => e.End);
        if (end < _length)
        {
            RandomAccess.SetLength(file, end);
            _length = end;
        }
        _isTidy = true;
    }

    private static void Clear(SafeFileHandle file, Extent extent)
    {
        try
        {
            PosixFile.Deallocate(file, extent.Start, extent.Length);
        }
        catch (PosixException e) when (e.Errno == PosixException.NotSupported)
        {
            byte[] zero = new byte[FileSpace.PageBytes];
            for (long offset = extent.Start; offset < extent.End; offset += zero.Length)
            {
                RandomAccess.Write(file, zero, offset);
            }
        }
    }

    private static void AllocateChunks(SafeFileHandle file, MappedTile tile, int start, int length)
    {
        var chunks = tile.Chunks(start, length);
        try
        {
            PosixFile.Allocate(file, chunks.Start, chunks.Length);
        }
        catch (PosixException e) when (e.Errno == PosixException.NotSupported)
        {
            // What is written has its place: what is there is written again.
            RandomAccess.Write(file, tile.Content(chunks).ToArray(), chunks.Start);
        }
        tile.NoteAllocated(start, length);
    }

    /// <summary>The bytes of a directory that this process wrote; nothing where they are not there any more.</summary>
    private static byte[] ReadDirectory(SafeFileHandle file, CommittedDirectory? directory)
    {
        if (directory is null || directory.Tiles.Count == 0)
        {
            return [];
        }
        byte[] bytes = new byte[directory.Header.Directory.Length];
        return RandomAccess.Read(file, bytes, directory.Header.Directory.Start) == bytes.Length
            && Checksum.Of(bytes) == directory.Header.DirectoryChecksum ? bytes : [];
    }

    private static CommittedDirectory Write(SafeFileHandle file, CommittedDirectory directory)
    {
        byte[] copy = new byte[FileHeader.Bytes];
        directory.Header.Write(copy);
        RandomAccess.Write(file, copy, (long)directory.Slot * FileHeader.Bytes);
        return directory;
    }

    private int FreeSlot()
    {
        var needed = Needed().Select(d => d.Slot).ToHashSet();
        return Enumerable.Range(0, FileHeader.Copies).First(slot => !needed.Contains(slot));
    }
}
