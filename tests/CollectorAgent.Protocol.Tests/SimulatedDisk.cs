namespace CollectorAgent.Protocol.Tests;

/// <summary>A disk of 512-byte sectors with a cache: what was written since the last sync is on it in any part after a crash.</summary>
internal sealed class SimulatedDisk : IStatsDevice
{
    public const int SectorBytes = 512;
    public const int RegionBytes = 4 << 20;

    // Sectors that are not there are zero.
    private readonly Dictionary<long, byte[]> _durable;
    private readonly List<(long Offset, byte[] Bytes)> _pending = [];

    public SimulatedDisk()
        : this([])
    {
    }

    private SimulatedDisk(Dictionary<long, byte[]> durable) => _durable = durable;

    public long Length { get; init; } = RegionBytes;

    /// <summary>Called before each write and each sync with what was written since the last one.</summary>
    public Action<IReadOnlyList<(long Offset, byte[] Bytes)>>? BeforeOperation { get; set; }

    public int Writes { get; private set; }

    /// <summary>A disk with these bytes at its start.</summary>
    public static SimulatedDisk Of(params ReadOnlySpan<byte> start)
    {
        var disk = new SimulatedDisk();
        disk.Put(0, start);
        return disk;
    }

    /// <summary>What is on the disk, without what was not synced.</summary>
    public SimulatedDisk Durable() => new(_durable.ToDictionary(s => s.Key, s => (byte[])s.Value.Clone())) { Length = Length };

    /// <summary>Changes what is on the disk.</summary>
    public void Put(long offset, ReadOnlySpan<byte> bytes)
    {
        for (int done = 0; done < bytes.Length;)
        {
            long sector = (offset + done) / SectorBytes;
            int within = (int)((offset + done) % SectorBytes);
            int count = Math.Min(SectorBytes - within, bytes.Length - done);
            if (!_durable.TryGetValue(sector, out byte[]? content))
            {
                _durable[sector] = content = new byte[SectorBytes];
            }
            bytes.Slice(done, count).CopyTo(content.AsSpan(within));
            done += count;
        }
    }

    public byte[] Bytes(long offset, int count)
    {
        byte[] bytes = new byte[count];
        Read(offset, bytes);
        return bytes;
    }

    public void Read(long offset, Span<byte> buffer)
    {
        Assert.InRange(offset + buffer.Length, 0, RegionBytes);
        CopyDurable(offset, buffer);
        foreach (var (start, bytes) in _pending)
        {
            long from = Math.Max(start, offset);
            long to = Math.Min(start + bytes.Length, offset + buffer.Length);
            if (from < to)
            {
                bytes.AsSpan((int)(from - start), (int)(to - from)).CopyTo(buffer[(int)(from - offset)..]);
            }
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        Assert.InRange(offset + bytes.Length, 0, RegionBytes);
        BeforeOperation?.Invoke(_pending);
        Writes++;
        _pending.Add((offset, bytes.ToArray()));
    }

    public void Sync()
    {
        BeforeOperation?.Invoke(_pending);
        _pending.ForEach(w => Put(w.Offset, w.Bytes));
        _pending.Clear();
    }

    private void CopyDurable(long offset, Span<byte> buffer)
    {
        buffer.Clear();
        for (int done = 0; done < buffer.Length;)
        {
            long sector = (offset + done) / SectorBytes;
            int within = (int)((offset + done) % SectorBytes);
            int count = Math.Min(SectorBytes - within, buffer.Length - done);
            _durable.GetValueOrDefault(sector)?.AsSpan(within, count).CopyTo(buffer[done..]);
            done += count;
        }
    }
}
