using System.Buffers.Binary;
using CollectorAgent.Native;

namespace CollectorAgent.XenPlugin;

/// <summary>The page in shared memory where a tapdisk counts the requests to one disk. Everybody can put files there: only those of root
/// and of this process' user are read.</summary>
/// <remarks>Little-endian: version and padding of 32 bits each, then eleven numbers of 64 bits.</remarks>
internal static class TapdiskPage
{
    public const int Bytes = 96;

    private const uint KnownVersion = 1;

    private const int ReadsSubmitted = 16;
    private const int ReadsCompleted = 24;
    private const int SectorsRead = 32;
    private const int ReadUs = 40;
    private const int WritesSubmitted = 48;
    private const int WritesCompleted = 56;
    private const int SectorsWritten = 64;
    private const int WriteUs = 72;

    private static readonly uint User = PosixFile.Status("/proc/self/stat").UserId;

    public static bool IsTrusted(FileStatus status, FileKind kind) => status.Kind == kind && (status.UserId == 0 || status.UserId == User);

    /// <returns>False where there is no page that can be trusted, or it is of another version.</returns>
    public static bool TryRead(string path, out VbdCounters counters)
    {
        counters = default;
        Span<byte> page = stackalloc byte[Bytes];
        try
        {
            using var file = PosixFile.OpenForReading(path);
            if (!IsTrusted(PosixFile.Status(file), FileKind.RegularFile) || RandomAccess.Read(file, page, 0) != Bytes)
            {
                return false;
            }
        }
        catch (IOException)
        {
            return false;
        }
        return TryParse(page, out counters);
    }

    private static bool TryParse(ReadOnlySpan<byte> page, out VbdCounters counters)
    {
        long inFlight = unchecked((long)(At(page, ReadsSubmitted) - At(page, ReadsCompleted)
            + At(page, WritesSubmitted) - At(page, WritesCompleted)));
        counters = new VbdCounters(
            At(page, ReadsCompleted), At(page, SectorsRead), At(page, WritesCompleted), At(page, SectorsWritten),
            new TapdiskCounters(At(page, ReadUs), At(page, WriteUs), Math.Max(0, inFlight)));
        return BinaryPrimitives.ReadUInt32LittleEndian(page) == KnownVersion;
    }

    private static ulong At(ReadOnlySpan<byte> page, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(page[offset..]);
}
