using System.Runtime.InteropServices;
using CollectorAgent.Native;

namespace CollectorAgent.XenPlugin.Native;

/// <summary>A connection to xenstore, by way of libxenstore.</summary>
public sealed unsafe partial class XenstoreHandle : SafeHandle
{
    private const uint NoTransaction = 0;

    /// <summary>Longest value that xenstore keeps, in bytes.</summary>
    private const uint MaxValueBytes = 4096;

    private static readonly string[] Names =
        ["libxenstore.so.4", "libxenstore.so.4.0", "libxenstore.so.3.0", "libxenstore.so.3.0.3", "libxenstore.so"];

    private readonly delegate* unmanaged<nint, uint, byte*, uint*, byte*> _read;
    private readonly delegate* unmanaged<nint, void> _close;

    private XenstoreHandle(nint library)
        : base(0, ownsHandle: true)
    {
        _read = (delegate* unmanaged<nint, uint, byte*, uint*, byte*>)NativeLibrary.GetExport(library, "xs_read");
        _close = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "xs_close");
        var open = (delegate* unmanaged<ulong, nint>)NativeLibrary.GetExport(library, "xs_open");
        SetHandle(open(0));
        if (IsInvalid)
        {
            throw new PosixException("xs_open", Marshal.GetLastSystemError());
        }
    }

    public override bool IsInvalid => handle == 0;

    /// <exception cref="IOException">There is no libxenstore, or it finds no xenstore.</exception>
    public static XenstoreHandle Open()
    {
        foreach (string name in Names)
        {
            // It stays loaded: a connection that breaks is followed by another one.
            if (NativeLibrary.TryLoad(name, out nint library))
            {
                return new XenstoreHandle(library);
            }
        }
        throw new IOException("there is no libxenstore");
    }

    /// <summary>Reads a value, waiting for xenstore however long it takes.</summary>
    /// <param name="path">Ends with a NUL.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="PosixException">The connection is broken: open another one.</exception>
    public string? Read(ReadOnlySpan<byte> path)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        uint length = 0;
        byte* value;
        fixed (byte* text = path)
        {
            value = _read(handle, NoTransaction, text, &length);
        }
        if (value == null)
        {
            int errno = Marshal.GetLastSystemError();
            return errno == PosixException.NoSuchFile ? null : throw new PosixException("xs_read", errno);
        }
        string? read = length <= MaxValueBytes ? Marshal.PtrToStringUTF8((nint)value, (int)length) : null;
        free(value);
        return read;
    }

    protected override bool ReleaseHandle()
    {
        _close(handle);
        return true;
    }

    [LibraryImport("libc")]
    private static partial void free(void* memory);
}
