using System.Runtime.InteropServices;

namespace CollectorAgent.XenPlugin.Native;

/// <summary>Where the values lie in what libxenctrl writes. Offsets are in bytes, on 64-bit systems.</summary>
/// <remarks>
/// The beginning of xen_domctl_getdomaininfo is the same from Xen 4.3 on; what follows the handle, and with it the length, is not. Domains
/// are therefore asked for one by one, into a buffer with room to spare. xen_sysctl_physinfo got eight bytes before its page counts with
/// Xen 4.17. The others have not changed.
/// </remarks>
public sealed class XenLayout
{
    /// <summary>What is surely longer than any of these structures.</summary>
    public const int BufferBytes = 1024;

    public const int DomainIdOffset = 0;
    public const int DomainFlagsOffset = 4;
    public const int DomainTotalPagesOffset = 8;
    public const int DomainCpuTimeOffset = 56;
    public const int DomainOnlineVcpusOffset = 64;
    public const int DomainMaxVcpuIdOffset = 68;
    public const int DomainHandleOffset = 76;

    public const int OnlineCpusOffset = 8;

    public const int VcpuOnlineOffset = 4;
    public const int VcpuBlockedOffset = 5;
    public const int VcpuCpuTimeOffset = 8;

    /// <summary>XenServer's xen_domctl_runstate_info: where its six times begin.</summary>
    public const int RunstateTimesOffset = 16;

    private const int OldestMinor = 7;
    private const int NewestMinor = 21;
    private const int MinorWithArchitectureCapabilities = 17;

    private XenLayout(int totalPagesOffset) => TotalPagesOffset = totalPagesOffset;

    /// <summary>The versions of Xen that this knows, newest first.</summary>
    public static IEnumerable<Version> KnownVersions { get; } =
        Enumerable.Range(OldestMinor, NewestMinor - OldestMinor + 1).Reverse().Select(minor => new Version(4, minor));

    public int TotalPagesOffset { get; }

    public int FreePagesOffset => TotalPagesOffset + sizeof(ulong);

    /// <summary>The layout of a version.</summary>
    /// <returns>Null where it is not known: reading on would be guessing.</returns>
    public static XenLayout? Of(Version version) =>
        Environment.Is64BitProcess && BitConverter.IsLittleEndian && KnownVersions.Contains(version)
            ? new XenLayout(version.Minor >= MinorWithArchitectureCapabilities ? 40 : 32)
            : null;

    public static DomainInfo ReadDomain(ReadOnlySpan<byte> domain) => new(
        MemoryMarshal.Read<ushort>(domain[DomainIdOffset..]),
        (DomainState)MemoryMarshal.Read<uint>(domain[DomainFlagsOffset..]),
        MemoryMarshal.Read<ulong>(domain[DomainTotalPagesOffset..]),
        MemoryMarshal.Read<ulong>(domain[DomainCpuTimeOffset..]),
        MemoryMarshal.Read<uint>(domain[DomainOnlineVcpusOffset..]),
        MemoryMarshal.Read<uint>(domain[DomainMaxVcpuIdOffset..]),
        new Guid(domain.Slice(DomainHandleOffset, 16), bigEndian: true));

    public PhysicalInfo ReadPhysical(ReadOnlySpan<byte> physical) => new(
        MemoryMarshal.Read<int>(physical[OnlineCpusOffset..]),
        MemoryMarshal.Read<ulong>(physical[TotalPagesOffset..]),
        MemoryMarshal.Read<ulong>(physical[FreePagesOffset..]));

    public static VcpuInfo ReadVcpu(ReadOnlySpan<byte> vcpu) => new(
        vcpu[VcpuOnlineOffset] != 0, vcpu[VcpuBlockedOffset] != 0, MemoryMarshal.Read<ulong>(vcpu[VcpuCpuTimeOffset..]));
}
