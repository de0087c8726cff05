using CollectorAgent.Hooks;
using CollectorAgent.Peers;

namespace CollectorAgent;

/// <summary>Lets what a toolstack tells reach other hosts: two rooms that do not know each other.</summary>
internal sealed class PeerLink(PeerClient client) : IPeers
{
    public async Task<bool> SendAsync(
        string address, string? session, string uuid, bool isArchive, Stream document, CancellationToken cancellationToken)
    {
        var credential = session is null ? PeerCredential.PoolSecret : PeerCredential.Session(session);
        try
        {
            return await client.PutAsync(PeerAddress.Parse(address), credential, uuid, isArchive, document, document.Length, cancellationToken)
                == PeerReceipt.Confirmed;
        }
        catch (PeerException e)
        {
            throw new ArchiveFailedException(e.Message, e);
        }
    }

    public async Task<Stream> FetchArchiveAsync(string address, string uuid, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetArchiveAsync(PeerAddress.Parse(address), uuid, cancellationToken);
        }
        catch (PeerException e)
        {
            throw new ArchiveFailedException(e.Message, e);
        }
    }
}
