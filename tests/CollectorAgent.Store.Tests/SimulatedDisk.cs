namespace CollectorAgent.Store.Tests;

/// <summary>A disk that writes in sectors, whenever and in whatever order it likes; after a flush all is there that was written before.</summary>
internal sealed class SimulatedDisk(string path)
{
    private const int Sector = 512;

    // What the file was at each moment since the last flush that is over.
    private readonly List<byte[]> _versions = [];
    private int _flushing = -1;

    /// <summary>Notes what the file is now.</summary>
    public void Capture() => _versions.Add(File.Exists(path) ? File.ReadAllBytes(path) : []);

    public void BeginFlush()
    {
        Capture();
        _flushing = _versions.Count - 1;
    }

    /// <summary>Whoever flushed was killed.</summary>
    public void AbandonFlush() => _flushing = -1;

    public void EndFlush()
    {
        _versions.RemoveRange(0, _flushing);
        _flushing = -1;
    }

    /// <summary>What is on the disk when the power fails now.</summary>
    public byte[] Cut(Random random)
    {
        Capture();
        // Mostly what is old or mostly what is new, or anything.
        double bias = random.Next(3) switch { 0 => 0.3, 1 => 1, _ => 3 };
        byte[] image = new byte[Pick(random, bias).Length];
        for (int start = 0; start < image.Length; start += Sector)
        {
            byte[] version = Pick(random, bias);
            int length = Math.Min(Math.Min(Sector, image.Length - start), version.Length - start);
            if (length > 0)
            {
                version.AsSpan(start, length).CopyTo(image.AsSpan(start));
            }
        }
        return image;
    }

    private byte[] Pick(Random random, double bias) => _versions[(int)(_versions.Count * Math.Pow(random.NextDouble(), bias))];
}
