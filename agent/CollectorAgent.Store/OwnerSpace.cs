using System.Buffers.Binary;
using CollectorAgent.Rrd;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Store;

/// <summary>Where the tiles of one owner lie: in its file; in memory alone for as long as that has no room.</summary>
/// <remarks>Touched only under the owner's gate, but for <see cref="Flush"/>.</remarks>
internal sealed class OwnerSpace : TileSpace
{
    private readonly HashSet<UnfiledTile> _unfiled = [];
    private readonly HashSet<Tile> _opened = [];
    private OwnerFile? _file;

    // The file does not say what the RRD consists of.
    private bool _isBehind;
    private bool _isInMemory;

    public OwnerSpace(StoreFolder folder, RrdOwner owner)
    {
        Folder = folder;
        Owner = owner;
    }

    public StoreFolder Folder { get; }

    public RrdOwner Owner { get; }

    /// <summary>A file of its name is there which is none of ours to change: all stays in memory.</summary>
    public bool IsLeftAlone { get; init; }

    /// <summary>The file of an older store that this one takes the place of, once it is on disk.</summary>
    public string? Replaced { get; set; }

    /// <summary>Whether everything lies in the file.</summary>
    public bool IsFiled => !_isBehind && !IsLeftAlone;

    public long AllocatedBytes => _file?.AllocatedBytes ?? 0;

    public override TileMemory Allocate(int length)
    {
        if (!IsLeftAlone)
        {
            try
            {
                _file ??= OwnerFile.Create(this, Folder.PathOf(Owner));
                return _file.Allocate(length);
            }
            catch (IOException e)
            {
                EnterMemory(e);
            }
        }
        return AllocateUnfiled(length);
    }

    public override void Commit(RoundRobinDatabase rrd)
    {
        _isBehind = true;
        TryCommit(rrd);
        var used = rrd.Tiles.Select(t => t.Memory).ToHashSet();
        _file?.ReleaseAllBut([.. used.OfType<MappedTile>()]);
        foreach (var unused in _unfiled.Where(u => !used.Contains(u)).ToList())
        {
            Discard(unused);
        }
    }

    /// <summary>Takes up a file that an earlier process has left.</summary>
    public void TakeUp(OwnerFile file) => _file = file;

    /// <summary>Memory of a tile that the file holds; null where something else lies in its place.</summary>
    public TileMemory? Open(SafeFileHandle file, StoredTile stored)
    {
        int length = (int)stored.Extent.Length - MappedTile.TagBytes;
        try
        {
            var tile = _file!.Map(file, stored.Extent, length);
            return tile.Tag == stored.Tag ? tile : null;
        }
        catch (IOException e)
        {
            EnterMemory(e);
        }
        byte[] tag = new byte[MappedTile.TagBytes];
        var copy = AllocateUnfiled(length);
        RandomAccess.Read(file, tag, stored.Extent.Start);
        RandomAccess.Read(file, copy.Bytes, stored.Extent.Start + tag.Length);
        return BinaryPrimitives.ReadInt64LittleEndian(tag) == stored.Tag ? copy : null;
    }

    /// <summary>The file says something else than what was found in it: it will be written anew.</summary>
    public void NoteBehind() => _isBehind = true;

    /// <summary>Gives a part of a tile its place on the disk.</summary>
    /// <returns>Its memory; where the disk has no room, a copy elsewhere.</returns>
    public TileMemory Reserve(MappedTile tile, int start, int length)
    {
        try
        {
            _file!.AllocateChunks(tile, start, length);
            return tile;
        }
        catch (IOException e)
        {
            EnterMemory(e);
        }
        var copy = AllocateUnfiled(tile.Bytes.Length);
        UnfiledTile.Copy(tile.Bytes, copy.Bytes);
        _file!.Release(tile);
        _isBehind = true;
        return copy;
    }

    /// <summary>The states in which tiles were found may be the only ones on disk: they are kept until the first sync is over.</summary>
    public void BeginFirstSync(RoundRobinDatabase rrd)
    {
        foreach (var tile in rrd.Tiles)
        {
            tile.BeginSync();
            _opened.Add(tile);
        }
    }

    /// <summary>Begins to bring everything to the disk, after what lies in memory alone has been tried to put into the file.</summary>
    /// <returns>False where there is nothing to be done.</returns>
    public bool BeginSync(RoundRobinDatabase rrd)
    {
        if (_file?.IsRemoved == true)
        {
            LeaveFile(rrd);
        }
        if (_isBehind && !IsLeftAlone)
        {
            Settle(rrd);
        }
        if (_file is null || !_file.BeginSync())
        {
            return false;
        }
        foreach (var tile in rrd.Tiles)
        {
            if (!_opened.Contains(tile))
            {
                tile.BeginSync();
            }
        }
        return true;
    }

    /// <inheritdoc cref="OwnerFile.Flush"/>
    public void Flush() => _file!.Flush();

    /// <inheritdoc cref="OwnerFile.Confirm"/>
    public bool Confirm() => _file!.Confirm();

    /// <inheritdoc cref="OwnerFile.EndSync"/>
    public void EndSync(RoundRobinDatabase rrd, bool isOnDisk)
    {
        foreach (var tile in rrd.Tiles)
        {
            tile.EndSync(isOnDisk);
        }
        _opened.Clear();
        _file!.EndSync(isOnDisk);
        if (!isOnDisk)
        {
            // Its directory may be lost too.
            _isBehind = true;
        }
        else if (Replaced is { } replaced && !_isBehind)
        {
            File.Delete(replaced);
            Replaced = null;
        }
    }

    /// <summary>Gives the file a name that makes room for another one of this owner.</summary>
    /// <returns>The files that are not needed any more.</returns>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public IReadOnlyList<string> Leave()
    {
        var left = new List<string>();
        if (_file is not null)
        {
            left.Add(Folder.Leave(Owner));
        }
        if (Replaced is { } replaced)
        {
            left.Add(replaced);
        }
        if (_isInMemory)
        {
            Folder.NoteFiled();
        }
        return left;
    }

    /// <summary>Unmaps everything: the RRD cannot be touched any more.</summary>
    public void Close()
    {
        _file?.Close();
        foreach (var tile in _unfiled.ToList())
        {
            Discard(tile);
        }
    }

    private TileMemory AllocateUnfiled(int length)
    {
        var memory = UnfiledTile.Allocate(length);
        if (memory is UnfiledTile unfiled)
        {
            _unfiled.Add(unfiled);
        }
        _isBehind = true;
        return memory;
    }

    private void Discard(UnfiledTile tile)
    {
        _unfiled.Remove(tile);
        tile.Dispose();
    }

    /// <summary>Somebody has removed the file: what it held is in memory alone from now on, and then in a new one.</summary>
    private void LeaveFile(RoundRobinDatabase rrd)
    {
        Folder.NoteRemoved(Owner);
        foreach (var tile in rrd.Tiles)
        {
            if (tile.Memory is MappedTile mapped)
            {
                var copy = AllocateUnfiled(mapped.Bytes.Length);
                UnfiledTile.Copy(mapped.Bytes, copy.Bytes);
                tile.MoveTo(copy);
            }
        }
        _file!.Close();
        _file = null;
        _isBehind = true;
    }

    /// <summary>Puts what lies in memory alone into the file, as far as there is room by now.</summary>
    private void Settle(RoundRobinDatabase rrd)
    {
        try
        {
            foreach (var tile in rrd.Tiles.Where(t => t.Memory is not MappedTile))
            {
                _file ??= OwnerFile.Create(this, Folder.PathOf(Owner));
                Move(tile, _file);
            }
            TryCommit(rrd);
        }
        catch (IOException e)
        {
            EnterMemory(e);
        }
    }

    private void Move(Tile tile, OwnerFile file)
    {
        var from = tile.Memory;
        var to = file.Allocate(from.Bytes.Length);
        try
        {
            Fill(to, from.Bytes, file);
        }
        catch (IOException)
        {
            file.Release(to);
            throw;
        }
        tile.MoveTo(to);
        if (from is UnfiledTile unfiled)
        {
            Discard(unfiled);
        }
    }

    private static void Fill(MappedTile to, ReadOnlySpan<byte> from, OwnerFile file)
    {
        for (int start = 0; start < from.Length; start += FileSpace.PageBytes)
        {
            var page = from.Slice(start, Math.Min(FileSpace.PageBytes, from.Length - start));
            if (page.ContainsAnyExcept((byte)0))
            {
                if (!to.HasPlace(start, page.Length))
                {
                    file.AllocateChunks(to, start, page.Length);
                }
                page.CopyTo(to.Bytes[start..]);
            }
        }
        to.IsDirty = true;
    }

    /// <summary>Writes the directory, unless a tile lies elsewhere: until they are all there, the file keeps what it has.</summary>
    private void TryCommit(RoundRobinDatabase rrd)
    {
        if (IsLeftAlone || !rrd.Tiles.All(t => t.Memory is MappedTile))
        {
            return;
        }
        try
        {
            _file ??= OwnerFile.Create(this, Folder.PathOf(Owner));
            _file.Commit(rrd.Layout, rrd.Tiles.Select(t => ((MappedTile)t.Memory, t.Columns)));
        }
        catch (IOException e)
        {
            EnterMemory(e);
            return;
        }
        _isBehind = false;
        if (_isInMemory)
        {
            _isInMemory = false;
            Folder.NoteFiled();
        }
    }

    private void EnterMemory(IOException reason)
    {
        if (!_isInMemory)
        {
            _isInMemory = true;
            Folder.NoteInMemory(Owner, reason);
        }
    }
}
