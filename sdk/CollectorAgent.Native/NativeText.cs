using System.Runtime.InteropServices.Marshalling;

namespace CollectorAgent.Native;

/// <summary>A text as a call of the C library takes it: UTF-8 with a zero after it.</summary>
internal unsafe ref struct NativeText
{
    private Utf8StringMarshaller.ManagedToUnmanagedIn _text;

    /// <param name="text">Of any length.</param>
    /// <param name="room">For a short text, so that it takes no memory of the heap: <see cref="Room"/> bytes.</param>
    public NativeText(string text, Span<byte> room) => _text.FromManaged(text, room);

    public static int Room => Utf8StringMarshaller.ManagedToUnmanagedIn.BufferSize;

    public byte* Start => _text.ToUnmanaged();

    public void Dispose() => _text.Free();
}
