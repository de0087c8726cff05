namespace CollectorAgent.Plugins;

/// <summary>Who is at the other end of a Unix socket, as the kernel says.</summary>
public readonly record struct PeerIdentity(int Pid, uint UserId, uint GroupId);
