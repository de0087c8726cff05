using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>The number of an open file, which nobody closes before <see cref="Dispose"/>.</summary>
internal readonly ref struct OpenDescriptor
{
    private readonly SafeHandle _handle;

    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public OpenDescriptor(SafeHandle handle)
    {
        bool isHeld = false;
        handle.DangerousAddRef(ref isHeld);
        _handle = handle;
    }

    public int Number => (int)_handle.DangerousGetHandle();

    public void Dispose() => _handle.DangerousRelease();
}
