using System.Buffers.Binary;
using CollectorAgent.Native;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>Reads how large a disk seems to whom it is given. Formats: the VHD specification 1.0, QEMU's docs/interop/qcow2.txt.</summary>
internal static class DiskImage
{
    private const int VhdFooterBytes = 512;
    private const int VhdCurrentSize = 48;
    private const int VhdChecksum = 64;

    /// <summary>Not of the specification: Xen's storage drivers mark disks there that only other disks are made of.</summary>
    private const int VhdHidden = 85;

    private const int QcowHeaderBytes = 32;
    private const int QcowSize = 24;

    private static ReadOnlySpan<byte> VhdCookie => "conectix"u8;

    private static ReadOnlySpan<byte> QcowMagic => [(byte)'Q', (byte)'F', (byte)'I', 0xfb];

    /// <summary>Whether a file is a disk, by its name.</summary>
    public static bool IsOne(ReadOnlySpan<char> name) => IsRaw(name) || Has(name, ".vhd") || Has(name, ".qcow2");

    /// <summary>Virtual size in bytes; 0 for a disk that only other disks are made of.</summary>
    /// <param name="length">Of the file.</param>
    /// <returns>Null where the file does not say: it is damaged, being made, or another thing.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static long? VirtualSize(string path, long length)
    {
        if (IsRaw(path))
        {
            return length;
        }
        using var file = PosixFile.OpenForReading(path);
        if (PosixFile.Status(file).Kind != FileKind.RegularFile)
        {
            return null;
        }
        // While a disk grows its footer is not at the end; all but fixed ones have a copy at the start.
        return Has(path, ".qcow2") ? QcowVirtualSize(file) : VhdVirtualSize(file, length - VhdFooterBytes) ?? VhdVirtualSize(file, 0);
    }

    private static long? VhdVirtualSize(SafeFileHandle file, long offset)
    {
        Span<byte> footer = stackalloc byte[VhdFooterBytes];
        if (offset < 0 || RandomAccess.Read(file, footer, offset) != VhdFooterBytes || !footer.StartsWith(VhdCookie))
        {
            return null;
        }
        var checksum = footer.Slice(VhdChecksum, sizeof(uint));
        uint expected = BinaryPrimitives.ReadUInt32BigEndian(checksum);
        checksum.Clear();
        uint sum = 0;
        foreach (byte b in footer)
        {
            sum += b;
        }
        return expected != ~sum ? null
            : footer[VhdHidden] != 0 ? 0
            : Positive(BinaryPrimitives.ReadUInt64BigEndian(footer[VhdCurrentSize..]));
    }

    private static long? QcowVirtualSize(SafeFileHandle file)
    {
        Span<byte> header = stackalloc byte[QcowHeaderBytes];
        return RandomAccess.Read(file, header, 0) == QcowHeaderBytes && header.StartsWith(QcowMagic)
            ? Positive(BinaryPrimitives.ReadUInt64BigEndian(header[QcowSize..]))
            : null;
    }

    private static long? Positive(ulong bytes) => bytes <= long.MaxValue ? (long)bytes : null;

    private static bool IsRaw(ReadOnlySpan<char> name) => Has(name, ".raw") || Has(name, ".iso") || Has(name, ".img");

    private static bool Has(ReadOnlySpan<char> name, string extension) => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
