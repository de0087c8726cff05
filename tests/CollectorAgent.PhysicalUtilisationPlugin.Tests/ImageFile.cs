using System.Buffers.Binary;

namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

/// <summary>Makes files of disks, byte by byte as their formats say.</summary>
internal static class ImageFile
{
    private const int FooterBytes = 512;

    /// <summary>The footer of a VHD with its checksum.</summary>
    public static byte[] VhdFooter(long size, bool isHidden = false)
    {
        byte[] footer = new byte[FooterBytes];
        "conectix"u8.CopyTo(footer);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(8), 2);             // features: reserved, always set
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(12), 0x00010000);   // version
        BinaryPrimitives.WriteUInt64BigEndian(footer.AsSpan(16), ulong.MaxValue);
        "qemu"u8.CopyTo(footer.AsSpan(28));
        BinaryPrimitives.WriteUInt64BigEndian(footer.AsSpan(40), 1 << 20);      // original size; another than the current one
        BinaryPrimitives.WriteInt64BigEndian(footer.AsSpan(48), size);
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(60), 2);            // fixed
        footer[85] = isHidden ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(footer.AsSpan(64), ~(uint)footer.Sum(b => b));
        return footer;
    }

    public static byte[] Qcow2Header(ulong size)
    {
        byte[] header = new byte[104];
        new byte[] { (byte)'Q', (byte)'F', (byte)'I', 0xfb, 0, 0, 0, 3 }.CopyTo(header, 0);
        BinaryPrimitives.WriteUInt64BigEndian(header.AsSpan(24), size);
        return header;
    }
}
