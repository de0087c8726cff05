using System.Runtime.InteropServices;
using CollectorAgent.Native;

namespace CollectorAgent.XenPlugin.Native;

/// <summary>An open xc_interface.</summary>
internal sealed unsafe class XenInterfaceHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, int> _close;

    private XenInterfaceHandle(nint value, nint close)
        : base(0, ownsHandle: true)
    {
        SetHandle(value);
        _close = (delegate* unmanaged<nint, int>)close;
    }

    public override bool IsInvalid => handle == 0;

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public nint Value => IsClosed ? throw new ObjectDisposedException(nameof(XenInterfaceHandle)) : handle;

    /// <exception cref="PosixException">The hypervisor cannot be reached.</exception>
    /// <exception cref="EntryPointNotFoundException">This is no libxenctrl.</exception>
    public static XenInterfaceHandle Open(nint library)
    {
        var open = (delegate* unmanaged<nint, nint, uint, nint>)NativeLibrary.GetExport(library, "xc_interface_open");
        nint close = NativeLibrary.GetExport(library, "xc_interface_close");
        nint value = open(0, 0, 0);
        return value != 0
            ? new XenInterfaceHandle(value, close)
            : throw new PosixException("xc_interface_open", Marshal.GetLastSystemError());
    }

    protected override bool ReleaseHandle() => _close(handle) == 0;
}
