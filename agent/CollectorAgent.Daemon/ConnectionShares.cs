namespace CollectorAgent.Daemon;

/// <summary>How the places for connections are shared out.</summary>
/// <param name="Most">All together.</param>
/// <param name="KeptForSocket">Those of them that connections of the Unix socket alone may take.</param>
/// <param name="MostOfUser">Connections of one user on the Unix socket, unless that is root or the agent's own.</param>
/// <param name="KeptForRoot">Those of all places that only root and the agent's own user may take.</param>
public readonly record struct ConnectionShares(int Most, int KeptForSocket, int MostOfUser, int KeptForRoot);
