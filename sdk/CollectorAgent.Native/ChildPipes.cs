using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>The pipes between this process and a child that is being started. What nobody takes is closed.</summary>
internal sealed class ChildPipes : IDisposable
{
    // Below that number lie the three standard streams.
    private const int FirstFree = 3;

    private readonly SafePipeHandle?[] _ours = new SafePipeHandle?[3];
    private readonly SafePipeHandle?[] _theirs = new SafePipeHandle?[3];

    /// <exception cref="PosixException">There are too many open files.</exception>
    public ChildPipes(ChildStart start)
    {
        try
        {
            Open(0, start.HasInput);
            Open(1, start.HasOutput);
            Open(2, start.HasErrors);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many bytes lie in a pipe.</summary>
    /// <exception cref="PosixException">It is closed.</exception>
    public static unsafe int Unread(SafePipeHandle end)
    {
        using var open = new OpenDescriptor(end);
        int count;
        return LibC.ioctl(open.Number, LibC.FIONREAD, &count) == 0 ? count : throw PosixException.Last("ioctl");
    }

    /// <summary>The child's end of a standard stream; null where it keeps that of this process.</summary>
    public SafePipeHandle? Theirs(int stream) => _theirs[stream];

    public SafePipeHandle? TakeInput() => Take(0);

    public SafePipeHandle? TakeOutput() => Take(1);

    public SafePipeHandle? TakeErrors() => Take(2);

    public void Dispose()
    {
        foreach (var end in _ours.Concat(_theirs))
        {
            end?.Dispose();
        }
    }

    private SafePipeHandle? Take(int stream)
    {
        var end = _ours[stream];
        _ours[stream] = null;
        return end;
    }

    private unsafe void Open(int stream, bool isPipe)
    {
        if (!isPipe)
        {
            return;
        }
        int* ends = stackalloc int[2];
        if (LibC.pipe2(ends, LibC.O_CLOEXEC) != 0)
        {
            throw PosixException.Last("pipe");
        }
        var read = new SafePipeHandle(ends[0], ownsHandle: true);
        var write = new SafePipeHandle(ends[1], ownsHandle: true);
        (_ours[stream], _theirs[stream]) = stream == 0 ? (write, read) : (read, write);
        _ours[stream] = Above(_ours[stream]!);
        _theirs[stream] = Above(_theirs[stream]!);
    }

    /// <summary>Moves an end out of the way of the standard streams: a process that was started without them gets their numbers.</summary>
    private static SafePipeHandle Above(SafePipeHandle end)
    {
        if ((int)end.DangerousGetHandle() >= FirstFree)
        {
            return end;
        }
        using (end)
        {
            int moved = LibC.fcntl((int)end.DangerousGetHandle(), LibC.F_DUPFD_CLOEXEC, FirstFree);
            return moved >= 0
                ? new SafePipeHandle(moved, ownsHandle: true)
                : throw PosixException.Last("fcntl");
        }
    }
}
