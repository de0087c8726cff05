using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>Waits for children.</summary>
internal static partial class ChildWait
{
    private const int ByPid = 1;
    private const int Ended = 4;
    private const int LeaveAsIs = 0x01000000;
    private const int WithoutWaiting = 1;

    // Of siginfo_t.
    private const int ExitedByItself = 1;
    private const int Unknown = -1;

    /// <summary>Waits until a child has ended, and leaves its id taken.</summary>
    /// <returns>Its exit code, or the number of the signal that has ended it; -1 where another one has waited for it.</returns>
    public static unsafe int ForEnd(int id, out bool isSignal)
    {
        SignalInfo info = default;
        while (waitid(ByPid, id, &info, Ended | LeaveAsIs) != 0)
        {
            if (Marshal.GetLastPInvokeError() != PosixException.Interrupted)
            {
                isSignal = false;
                return Unknown;
            }
        }
        isSignal = info.Code != ExitedByItself;
        return info.Status;
    }

    /// <summary>Gives the id of a child that has ended back.</summary>
    public static unsafe void Reap(int id)
    {
        SignalInfo info;
        _ = waitid(ByPid, id, &info, Ended | WithoutWaiting);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int waitid(int kind, int id, SignalInfo* info, int options);

    /// <summary>The kernel's siginfo_t of a child on 64-bit systems.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct SignalInfo
    {
        [FieldOffset(8)]
        public int Code;

        [FieldOffset(24)]
        public int Status;
    }
}
