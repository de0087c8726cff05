using CollectorAgent.Native;
using CollectorAgent.Protocol;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Sdk;

/// <summary>A block device or a regular file that holds a stats VDI.</summary>
internal sealed class StatsDevice : IStatsDevice, IDisposable
{
    private readonly SafeFileHandle _file;

    private StatsDevice(SafeFileHandle file) => _file = file;

    public long Length => PosixFile.Length(_file);

    /// <param name="path">Also a symbolic link, as the names of LVM's volumes are.</param>
    /// <exception cref="StatsVdiException">It is neither.</exception>
    /// <exception cref="IOException">It cannot be opened, or somebody else uses it.</exception>
    public static StatsDevice Open(string path, bool isForWriting)
    {
        // To open what is neither would already do something: a tape rewinds, a watchdog starts.
        string real = PosixFile.RealPath(path);
        RequireKind(PosixFile.Status(real).Kind);
        var file = isForWriting ? PosixFile.OpenClaimed(real) : PosixFile.OpenForReading(real);
        try
        {
            var kind = PosixFile.Status(file).Kind;
            RequireKind(kind);
            // Who writes to a block device has claimed it; udev locks one now and then to look at it.
            return kind == FileKind.BlockDevice || PosixFile.TryLock(file, isShared: !isForWriting)
                ? new StatsDevice(file)
                : throw new IOException("somebody else uses it as a stats VDI at the moment");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Read(long offset, Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = RandomAccess.Read(_file, buffer, offset);
            if (read == 0)
            {
                throw new EndOfStreamException("the device has become shorter");
            }
            buffer = buffer[read..];
            offset += read;
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_file, bytes, offset);

    public void Sync() => PosixFile.SyncData(_file);

    public void Dispose() => _file.Dispose();

    private static void RequireKind(FileKind kind)
    {
        if (kind is not (FileKind.BlockDevice or FileKind.RegularFile))
        {
            throw new StatsVdiException(StatsVdiRefusal.NotAVdi, "It is neither a block device nor a regular file");
        }
    }
}
