namespace CollectorAgent.Hooks;

/// <summary>RRDs to and from other hosts.</summary>
public interface IPeers
{
    /// <summary>Sends an RRD.</summary>
    /// <param name="address">Of the other host, as the toolstack said it.</param>
    /// <param name="session">The toolstack's session there; null where both hosts are of one pool.</param>
    /// <param name="uuid">Whose it is.</param>
    /// <param name="isArchive">It is kept there as a file, not recorded on.</param>
    /// <param name="document">Its XML, from the first byte; its length is known.</param>
    /// <returns>Whether the other side has said that it is on disk; a peer of another make cannot say so.</returns>
    /// <exception cref="ArchiveFailedException">It did not get there, or was refused.</exception>
    Task<bool> SendAsync(string address, string? session, string uuid, bool isArchive, Stream document, CancellationToken cancellationToken);

    /// <summary>Fetches the archive of a uuid.</summary>
    /// <exception cref="ArchiveFailedException">It cannot be had.</exception>
    Task<Stream> FetchArchiveAsync(string address, string uuid, CancellationToken cancellationToken);
}
