using System.IO.Compression;

namespace CollectorAgent.Hooks.Tests;

/// <summary>The way between the hosts of a test: what one sends, another receives. It can be cut.</summary>
internal sealed class Network : IPeers
{
    private readonly Dictionary<string, HostRig> _hosts = [];

    /// <summary>What happens before a document gets to the other host.</summary>
    public Action Before { get; set; } = () => { };

    /// <summary>What happens to its answer on the way back.</summary>
    public Action After { get; set; } = () => { };

    /// <summary>Whether the other side can say that it has kept what it took.</summary>
    public bool Confirms { get; set; } = true;

    public List<string> Sent { get; } = [];

    public void Add(string address, HostRig host) => _hosts[address] = host;

    public async Task<bool> SendAsync(
        string address, string? session, string uuid, bool isArchive, Stream document, CancellationToken cancellationToken)
    {
        Before();
        Sent.Add($"{(isArchive ? "archive" : "live")} {uuid} to {address}{(session is null ? "" : " with " + session)}");
        Assert.Equal(0, document.Position);
        Assert.True(document.Length > 0);
        var host = _hosts[address];
        await host.DoAsync(() => isArchive
            ? host.LifeCycles.ReceiveArchiveAsync(uuid, document, cancellationToken)
            : host.LifeCycles.ReceiveVmAsync(uuid, document, cancellationToken));
        After();
        return Confirms;
    }

    public Task<Stream> FetchArchiveAsync(string address, string uuid, CancellationToken cancellationToken) =>
        Task.FromResult<Stream>(new GZipStream(
            _hosts[address].Archives.Open(uuid) ?? throw new ArchiveFailedException("there is none"), CompressionMode.Decompress));
}
