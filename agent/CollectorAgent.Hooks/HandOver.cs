using System.Collections.Concurrent;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Hooks;

/// <summary>Gives RRDs away: to the archive folder or to another host. One leaves this host only after it has arrived.</summary>
internal sealed class HandOver(
    Sampler sampler, RrdStore store, ArchiveFolder archives, IPeers peers, Spool spool, TimeProvider time, ILogger log)
{
    /// <summary>What becomes known while an RRD is on its way is delivered, too; where every delivery takes longer than a step, this often.</summary>
    private const int MostDeliveries = 5;

    private readonly ConcurrentDictionary<string, FailedTransfer> _failed = new(StringComparer.Ordinal);

    public IReadOnlyList<FailedTransfer> Failed => [.. _failed.Values.OrderBy(f => f.At)];

    /// <summary>Archives an RRD; it stays.</summary>
    /// <returns>The newest step that the archive knows.</returns>
    /// <exception cref="ArchiveFailedException">It did not arrive.</exception>
    public Task<long> ArchiveAsync(OwnedRrd owned, string uuid, CancellationToken cancellationToken) =>
        AttemptAsync(owned, uuid, archives.PathOf(uuid), RrdXmlReader.MaxCells, rrd => archives.WriteAsync(uuid, rrd, cancellationToken));

    /// <summary>Sends an RRD; it stays.</summary>
    /// <inheritdoc cref="ArchiveAsync"/>
    public Task<long> SendAsync(
        OwnedRrd owned, string uuid, string address, string? session, bool isArchive, CancellationToken cancellationToken) =>
        AttemptAsync(owned, uuid, address, ArchiveFolder.MaxForeignCells, async rrd =>
        {
            await using var document = await spool.WriteAsync(file => ArchiveFolder.WriteAsync(rrd, file, cancellationToken));
            if (!await peers.SendAsync(address, session, uuid, isArchive, document, cancellationToken))
            {
                Log.CopyKept(log, owned.Owner.FileName, address, await archives.WriteAsync(uuid, rrd, cancellationToken));
            }
        });

    /// <summary>Sends an archive as it is, to be recorded on.</summary>
    /// <exception cref="ArchiveFailedException">It did not arrive.</exception>
    public async Task SendArchiveAsync(string uuid, string address, CancellationToken cancellationToken)
    {
        try
        {
            await using var archive = archives.Open(uuid);
            if (archive is not null)
            {
                await using var xml = WholeGzip.Unpack(archive);
                await using var document = await spool.WriteAsync(file => xml.CopyToAsync(file, cancellationToken));
                await peers.SendAsync(address, session: null, uuid, isArchive: false, document, cancellationToken);
            }
            _failed.TryRemove(uuid, out _);
        }
        catch (Exception e) when (IsExpected(e))
        {
            throw Fail("vm-" + uuid, uuid, address, e);
        }
    }

    /// <summary>Delivers an RRD and removes it, once everything that is known of it has arrived.</summary>
    /// <param name="deliver">One of those above.</param>
    /// <exception cref="ArchiveFailedException">It did not arrive, and is still recorded.</exception>
    public async Task LeaveAsync(OwnedRrd owned, string to, Func<Task<long>> deliver)
    {
        bool isGone = false;
        for (int i = 1; !isGone; i++)
        {
            long step = await deliver();
            isGone = await sampler.RemoveAsync(owned.Owner, i < MostDeliveries ? step : null);
        }
        store.DeleteRemoved();
        Log.Left(log, owned.Owner.FileName, to);
    }

    /// <summary>Nothing is to be given away of this uuid any more.</summary>
    public void Forget(string uuid) => _failed.TryRemove(uuid, out _);

    /// <param name="maxCells">What reads it there takes no more.</param>
    private async Task<long> AttemptAsync(OwnedRrd owned, string uuid, string to, long maxCells, Func<RrdSnapshot, Task> deliver)
    {
        var snapshot = owned.Copy(r => r.Snapshot(owned.Gate));
        if (RrdXmlReader.WhyUnreadable(snapshot, maxCells) is { } reason)
        {
            throw Fail(owned.Owner.FileName, uuid, to, new InvalidDataException(reason));
        }
        try
        {
            // An archive of nothing would only be in the way of one of something.
            await (snapshot.Tiles.Count > 0 ? deliver(snapshot) : Task.CompletedTask);
        }
        catch (Exception e) when (IsExpected(e))
        {
            throw Fail(owned.Owner.FileName, uuid, to, e);
        }
        _failed.TryRemove(uuid, out _);
        return snapshot.LastStep;
    }

    private ArchiveFailedException Fail(string owner, string uuid, string to, Exception e)
    {
        _failed[uuid] = new FailedTransfer(uuid, to, e.Message, time.GetUtcNow());
        Log.NotSent(log, owner, to, e.Message.TrimEnd('.'));
        return new ArchiveFailedException($"{owner} did not get to {to}: {e.Message}", e);
    }

    /// <summary>Disk, network, a peer that refuses, a reader that is too slow: not a defect of ours.</summary>
    private static bool IsExpected(Exception e) =>
        e is IOException or UnauthorizedAccessException or ArchiveFailedException or TimeoutException or InvalidDataException;
}
