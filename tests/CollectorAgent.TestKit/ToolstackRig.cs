using CollectorAgent.Hooks;
using CollectorAgent.Rpc;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.TestKit;

/// <summary>The methods of a toolstack over a store and a sampler, of a host that is alone.</summary>
public static class ToolstackRig
{
    /// <param name="folder">For archives and whatever else is kept.</param>
    /// <param name="program">What the storage stack is asked of its cache with.</param>
    public static ToolstackMethods Create(RrdStore store, Sampler sampler, string folder, TimeProvider time, string program = "/nowhere")
    {
        var lifeCycles = new LifeCycles(
            store, sampler, new ArchiveFolder(Path.Combine(folder, "archives")), new Alone(), folder, "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e", time,
            NullLogger<LifeCycles>.Instance);
        return new ToolstackMethods(
            lifeCycles,
            new RecordedSources(store, sampler),
            new HighAvailability(sampler, time),
            new CacheSr(sampler, program, time, NullLogger<CacheSr>.Instance),
            new ToldSettings(Path.Combine(folder, "toolstack.json"), NullLogger<ToldSettings>.Instance),
            sampler,
            NullLogger<ToolstackMethods>.Instance);
    }

    private sealed class Alone : IPeers
    {
        public Task<bool> SendAsync(
            string address, string? session, string uuid, bool isArchive, Stream document, CancellationToken cancellationToken) =>
            throw new ArchiveFailedException($"there is no host {address}");

        public Task<Stream> FetchArchiveAsync(string address, string uuid, CancellationToken cancellationToken) =>
            throw new ArchiveFailedException($"there is no host {address}");
    }
}
