using CollectorAgent.Native;

namespace CollectorAgent.Plugins;

/// <summary>Who is at the other end of a Unix socket, as the kernel says.</summary>
public readonly record struct PeerIdentity(int Pid, uint UserId, uint GroupId)
{
    /// <summary>Root, or the user that the agent works as: either could change the agent's files as well.</summary>
    public bool IsRootOrOwn => UserId == 0 || UserId == PosixProcess.UserId;
}
