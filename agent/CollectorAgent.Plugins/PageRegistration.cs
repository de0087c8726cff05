using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>A page that is read.</summary>
/// <param name="Uid">Id of the plugin.</param>
/// <param name="File">The file when it was opened.</param>
/// <param name="Peer">Who registered it last over the socket; null where nobody did and it was found in the folder.</param>
/// <param name="Permit">What may be on it.</param>
/// <param name="IsGranted">Whether it is the page of a plugin that the agent runs.</param>
public sealed record PageRegistration(string Uid, FileStatus File, PeerIdentity? Peer, PagePermit Permit, bool IsGranted);
