using System.Runtime.InteropServices;
using CollectorAgent.Native;

namespace CollectorAgent.XenPlugin.Native;

/// <summary>The hypervisor, by way of libxenctrl.</summary>
/// <remarks>Its functions are looked up by name in the library of the version that runs: every version of Xen has a library of its own.</remarks>
public sealed unsafe class XenControl : IDisposable
{
    private const int NoSuchDomain = 3;     // ESRCH
    private const int NoSuchVcpu = 22;      // EINVAL
    private const int VersionCommand = 0;   // XENVER_version

    private readonly XenInterfaceHandle _interface;
    private readonly XenLayout _layout;
    private readonly delegate* unmanaged<nint, void*, int> _physicalInfo;
    private readonly delegate* unmanaged<nint, int, ulong*, int*, int> _cpuInfo;
    private readonly delegate* unmanaged<nint, uint, uint, void*, int> _domainInfo;
    private readonly delegate* unmanaged<nint, uint, uint, void*, int> _vcpuInfo;
    private readonly delegate* unmanaged<nint, uint, void*, int> _runstateInfo;

    private XenControl(nint library, XenInterfaceHandle control, XenLayout layout)
    {
        _interface = control;
        _layout = layout;
        _physicalInfo = (delegate* unmanaged<nint, void*, int>)NativeLibrary.GetExport(library, "xc_physinfo");
        _cpuInfo = (delegate* unmanaged<nint, int, ulong*, int*, int>)NativeLibrary.GetExport(library, "xc_getcpuinfo");
        _domainInfo = (delegate* unmanaged<nint, uint, uint, void*, int>)NativeLibrary.GetExport(library, "xc_domain_getinfolist");
        _vcpuInfo = (delegate* unmanaged<nint, uint, uint, void*, int>)NativeLibrary.GetExport(library, "xc_vcpu_getinfo");
        NativeLibrary.TryGetExport(library, "xc_get_runstate_info", out nint runstateInfo);
        _runstateInfo = (delegate* unmanaged<nint, uint, void*, int>)runstateInfo;
    }

    /// <summary>Whether this is XenServer's libxenctrl, which can tell what the vCPUs of a domain do together.</summary>
    public bool HasRunstates => _runstateInfo != null;

    /// <summary>Opens the hypervisor that runs.</summary>
    /// <exception cref="XenUnavailableException">There is no libxenctrl of its version, it may not be used, or this does not know the
    /// version.</exception>
    public static XenControl Open()
    {
        Version? running = null;
        string? trouble = null;
        foreach (var version in XenLayout.KnownVersions.Append(null))
        {
            if (!NativeLibrary.TryLoad(version is null ? "libxenctrl.so" : $"libxenctrl.so.{version}", out nint library))
            {
                continue;
            }
            XenInterfaceHandle? control = null;
            try
            {
                control = XenInterfaceHandle.Open(library);
                running = VersionOf(library, control);
                // A library of another version asks in another way, which the hypervisor refuses.
                if ((version ?? running) == running && XenLayout.Of(running) is { } layout)
                {
                    return new XenControl(library, control, layout);
                }
            }
            catch (Exception e) when (e is PosixException or EntryPointNotFoundException)
            {
                trouble = e.Message;
            }
            // Before the library that closes it is gone.
            control?.Dispose();
            NativeLibrary.Free(library);
        }
        throw new XenUnavailableException(
            running is null ? $"there is no libxenctrl that can be used{(trouble is null ? "" : $" ({trouble})")}"
            : XenLayout.Of(running) is null ? $"Xen {running} is not among the versions known, {XenLayout.KnownVersions.Last()} to "
                + $"{XenLayout.KnownVersions.First()}"
            : $"there is no libxenctrl of Xen {running}, which runs here");
    }

    /// <exception cref="PosixException">The hypervisor refuses.</exception>
    public PhysicalInfo PhysicalInfo()
    {
        byte* buffer = stackalloc byte[XenLayout.BufferBytes];
        if (_physicalInfo(_interface.Value, buffer) != 0)
        {
            throw Failed("xc_physinfo");
        }
        return _layout.ReadPhysical(new ReadOnlySpan<byte>(buffer, XenLayout.BufferBytes));
    }

    /// <summary>The time each CPU has been idle, in nanoseconds, by its number; 0 where it is offline.</summary>
    /// <param name="idle">Takes the times.</param>
    /// <returns>How many there are; no more than fit.</returns>
    /// <exception cref="PosixException">The hypervisor refuses.</exception>
    public int CpuIdleTimes(Span<ulong> idle)
    {
        int count = 0;
        fixed (ulong* times = idle)
        {
            if (_cpuInfo(_interface.Value, idle.Length, times, &count) != 0)
            {
                throw Failed("xc_getcpuinfo");
            }
        }
        return Math.Clamp(count, 0, idle.Length);
    }

    /// <summary>The domain with this number or, where there is none, with the next higher one.</summary>
    /// <returns>False where there is none.</returns>
    /// <exception cref="PosixException">The hypervisor refuses.</exception>
    public bool TryNextDomain(uint first, out DomainInfo domain)
    {
        byte* buffer = stackalloc byte[XenLayout.BufferBytes];
        int count = _domainInfo(_interface.Value, first, 1, buffer);
        if (count < 0)
        {
            throw Failed("xc_domain_getinfolist");
        }
        domain = count > 0 ? XenLayout.ReadDomain(new ReadOnlySpan<byte>(buffer, XenLayout.BufferBytes)) : default;
        return count > 0;
    }

    /// <returns>False where there is no such vCPU, or no such domain any more.</returns>
    /// <exception cref="PosixException">The hypervisor refuses.</exception>
    public bool TryVcpu(uint domain, uint number, out VcpuInfo vcpu)
    {
        byte* buffer = stackalloc byte[XenLayout.BufferBytes];
        int returned = _vcpuInfo(_interface.Value, domain, number, buffer);
        int errno = Marshal.GetLastSystemError();
        if (returned != 0 && errno is not (NoSuchDomain or NoSuchVcpu))
        {
            throw new PosixException("xc_vcpu_getinfo", errno);
        }
        vcpu = returned == 0 ? XenLayout.ReadVcpu(new ReadOnlySpan<byte>(buffer, XenLayout.BufferBytes)) : default;
        return returned == 0;
    }

    /// <summary>How long, in nanoseconds, the vCPUs of a domain have been in each of the six states that XenServer knows.</summary>
    /// <returns>False where the hypervisor does not say.</returns>
    public bool TryRunstates(uint domain, Span<ulong> times)
    {
        byte* buffer = stackalloc byte[XenLayout.BufferBytes];
        if (!HasRunstates || _runstateInfo(_interface.Value, domain, buffer) != 0)
        {
            return false;
        }
        new ReadOnlySpan<ulong>(buffer + XenLayout.RunstateTimesOffset, times.Length).CopyTo(times);
        return true;
    }

    public void Dispose() => _interface.Dispose();

    private static Version VersionOf(nint library, XenInterfaceHandle control)
    {
        var ask = (delegate* unmanaged<nint, int, void*, int>)NativeLibrary.GetExport(library, "xc_version");
        int version = ask(control.Value, VersionCommand, null);
        return version >= 0 ? new Version(version >> 16, version & 0xffff) : throw Failed("xc_version");
    }

    private static PosixException Failed(string call) => new(call, Marshal.GetLastSystemError());
}
