using System.Buffers.Binary;
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
    private readonly uint _metadataChecksum;
    private readonly int _metadataLength;
    private readonly byte[] _head;

    public PageFile(string path, IReadOnlyList<ReportedSource> sources)
    {
        _file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        byte[] metadata = PageWriter.Metadata(sources);
        _metadataChecksum = Crc32.Compute(metadata);
        _metadataLength = metadata.Length;
        _head = new byte[PageWriter.PageLength(sources.Count, 0)];
        RandomAccess.Write(_file, metadata, HeadLength);
        Path = path;
    }

    public string Path { get; }

    /// <summary>Bytes that a reader needs while the metadata stays the same.</summary>
    public int HeadLength => _head.Length;

    public int Length => HeadLength + _metadataLength;

    public static ReportedSource[] Sources(Owner owner, int count, string description = "measured for its speed only") =>
        [.. Enumerable.Range(0, count).Select(i => Source(owner, i, i, description))];

    /// <param name="place">On the page; decides the type.</param>
    /// <param name="number">For the name.</param>
    public static ReportedSource Source(Owner owner, int place, int number, string description = "measured for its speed only") =>
        new(Workload.IsGauge(place) ? $"gauge_{number}" : $"derive_{number}")
        {
            Owner = owner,
            Type = Workload.IsGauge(place) ? ReportedType.Gauge : ReportedType.Derive,
            IsInteger = !Workload.IsGauge(place),
            IsDefault = true,
            Units = Workload.IsGauge(place) ? "(fraction)" : "B/s",
            Description = description,
            Min = 0,
        };

    public FilePageSource Open() => new(File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), PagePermit.MostPageBytes);

    /// <summary>Writes all but the metadata, which stays.</summary>
    public void Publish(double timestamp, ReadOnlySpan<long> values)
    {
        PageWriter.Write(_head, timestamp, values, [], _metadataChecksum);
        BinaryPrimitives.WriteInt32BigEndian(_head.AsSpan(^sizeof(int)), _metadataLength);
        RandomAccess.Write(_file, _head, 0);
    }

    /// <summary>The least that a reader of this page can do: copy and check its values, and its metadata where they are new.</summary>
    public uint ReadBare(byte[] buffer, bool withMetadata)
    {
        RandomAccess.Read(_file, buffer.AsSpan(0, withMetadata ? Length : HeadLength), 0);
        uint checksum = Crc32.Compute(buffer.AsSpan(ChecksummedStart..(HeadLength - sizeof(int))));
        return withMetadata ? checksum ^ Crc32.Compute(buffer.AsSpan(HeadLength, _metadataLength)) : checksum;
    }

    /// <summary>The least that tells a page that has not changed.</summary>
    public void Copy(byte[] buffer) => RandomAccess.Read(_file, buffer.AsSpan(0, HeadLength), 0);

    public void Dispose() => _file.Dispose();
}
