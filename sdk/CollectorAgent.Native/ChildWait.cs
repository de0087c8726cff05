using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>Waits for children.</summary>
internal static class ChildWait
{
    private const int Unknown = -1;

    /// <summary>Waits until a child has ended, and leaves its id taken.</summary>
    /// <returns>Its exit code, or the number of the signal that has ended it; -1 where another one has waited for it.</returns>
    public static unsafe int ForEnd(int id, out bool isSignal)
    {
        Bindings.SignalInfo info = default;
        while (Bindings.waitid(Bindings.WaitByPid, id, &info, Bindings.WaitExited | Bindings.WaitNoWait) != 0)
        {
            if (LibC.errno != LibC.EINTR)
            {
                isSignal = false;
                return Unknown;
            }
        }
        isSignal = info.Code != Bindings.ChildExited;
        return info.Status;
    }

    /// <summary>Gives the id of a child that has ended back.</summary>
    public static unsafe void Reap(int id)
    {
        Bindings.SignalInfo info;
        _ = Bindings.waitid(Bindings.WaitByPid, id, &info, Bindings.WaitExited | Bindings.WaitNoHang);
    }
}
