using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Benchmarks;

/// <summary>A sample page on disk, as a plugin keeps it.</summary>
internal sealed class PageFile : IDisposable
{
    // Behind magic, two checksums and the number of values: what the data checksum is over.
    private const int ChecksummedStart = 23;

    private readonly SafeFileHandle _file;
    private readonly byte[] _metadata;
    private readonly uint _metadataChecksum;
    private readonly byte[] _page;
    private readonly int _count;

    public PageFile(string path, IReadOnlyList<ReportedSource> sources)
    {
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite);
        _count = sources.Count;
        _metadata = PageWriter.Metadata(sources);
        _metadataChecksum = Crc32.Compute(_metadata);
        _page = new byte[PageWriter.PageLength(_count, _metadata.Length)];
        Path = path;
    }

    public string Path { get; }

    /// <summary>Bytes that a reader needs while the metadata stays the same.</summary>
    public int HeadLength => PageWriter.PageLength(_count, 0);

    public int Length => _page.Length;

    public static ReportedSource[] Sources(Owner owner, int count, string description = "measured for its speed only") =>
    [
        .. Enumerable.Range(0, count).Select(i => new ReportedSource(Workload.IsGauge(i) ? $"gauge_{i}" : $"derive_{i}")
        {
            Owner = owner,
            Type = Workload.IsGauge(i) ? ReportedType.Gauge : ReportedType.Derive,
            IsInteger = !Workload.IsGauge(i),
            IsDefault = true,
            Units = Workload.IsGauge(i) ? "(fraction)" : "B/s",
            Description = description,
            Min = 0,
        }),
    ];

    public FilePageSource Open() => new(File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));

    public void Publish(double timestamp, ReadOnlySpan<long> values)
    {
        PageWriter.Write(_page, timestamp, values, _metadata, _metadataChecksum);
        RandomAccess.Write(_file, _page, 0);
    }

    /// <summary>The least that a reader of this page can do: copy and check its values, and its metadata where they are new.</summary>
    public uint ReadBare(byte[] buffer, bool withMetadata)
    {
        RandomAccess.Read(_file, buffer.AsSpan(0, withMetadata ? Length : HeadLength), 0);
        uint checksum = Crc32.Compute(buffer.AsSpan(ChecksummedStart..(HeadLength - sizeof(int))));
        return withMetadata ? checksum ^ Crc32.Compute(buffer.AsSpan(HeadLength, _metadata.Length)) : checksum;
    }

    /// <summary>The least that tells a page that has not changed.</summary>
    public void Copy(byte[] buffer) => RandomAccess.Read(_file, buffer.AsSpan(0, HeadLength), 0);

    public void Dispose() => _file.Dispose();
}
