using CollectorAgent.Native;

namespace CollectorAgent.Plugins;

/// <summary>A page that is read.</summary>
/// <param name="Uid">Id of the plugin.</param>
/// <param name="File">The file when it was opened.</param>
/// <param name="Peer">Who registered it last over the socket; null where nobody did and it was found in the folder.</param>
/// <param name="Grant">Whose page it is and what may be on it; null where no manifest speaks of it.</param>
public sealed record PageRegistration(string Uid, FileStatus File, PeerIdentity? Peer, PageGrant? Grant);
