using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Hooks;

/// <summary>What a toolstack tells of VMs, SRs and the host: they come with their history, and leave with it. See docs/toolstack.md.</summary>
/// <remarks>Each call may be repeated; of one uuid they are done one after the other.</remarks>
public sealed class LifeCycles
{
    // An archive whose newest row is further ahead than this would stop recording until then.
    private static readonly TimeSpan MostAhead = TimeSpan.FromHours(1);

    private readonly RrdStore _store;
    private readonly Sampler _sampler;
    private readonly ArchiveFolder _archives;
    private readonly IPeers _peers;
    private readonly string _hostUuid;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Spool _spool;
    private readonly HandOver _handOver;
    private readonly Turns _turns = new();

    /// <param name="spoolFolder">Where documents lie that are on their way.</param>
    /// <param name="hostUuid">Under which the host is archived.</param>
    public LifeCycles(
        RrdStore store, Sampler sampler, ArchiveFolder archives, IPeers peers, string spoolFolder, string hostUuid, TimeProvider time,
        ILogger<LifeCycles> log)
    {
        _store = store;
        _sampler = sampler;
        _archives = archives;
        _peers = peers;
        _hostUuid = hostUuid;
        _time = time;
        _log = log;
        _spool = new Spool(spoolFolder);
        _handOver = new HandOver(sampler, store, archives, peers, _spool, time, log);
    }

    /// <summary>Transfers that did not succeed, and have not been repeated with success since.</summary>
    public IReadOnlyList<FailedTransfer> Failed => _handOver.Failed;

    public bool HasVm(string uuid) => _store.Find(Vm(uuid)) is not null;

    /// <summary>Where the archive of an SR is, or will be.</summary>
    public string PathOfSr(string uuid) => _archives.PathOf(uuid);

    /// <summary>A VM has started here, or was resumed: it goes on with its archive, where there is one.</summary>
    /// <exception cref="ArchiveFailedException">The archive cannot be used; the VM is recorded all the same.</exception>
    public async Task PushVmAsync(string uuid, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        ArchiveFailedException? unusable = null;
        var history = Nothing();
        try
        {
            history = ReadArchive(uuid) ?? history;
        }
        catch (ArchiveFailedException e)
        {
            unusable = e;
        }
        await JoinAsync(Vm(uuid), history, _archives.PathOf(uuid));
        if (unusable is not null)
        {
            throw unusable;
        }
    }

    /// <summary>A VM has started on another host: sends its archive there, where there is one.</summary>
    /// <exception cref="ArchiveFailedException">It did not arrive.</exception>
    public async Task PushVmAsync(string uuid, string address, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        await _handOver.SendArchiveAsync(uuid, address, cancellationToken);
    }

    /// <summary>A VM was shut down or suspended: archives what was recorded, and records it no longer.</summary>
    /// <param name="address">The host that keeps archives; null where this one does.</param>
    /// <exception cref="ArchiveFailedException">It did not arrive, and is still recorded.</exception>
    public async Task ArchiveVmAsync(string uuid, string? address, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        if (_store.Find(Vm(uuid)) is { } owned)
        {
            await _handOver.LeaveAsync(owned, address ?? _archives.PathOf(uuid), () => address is null
                ? _handOver.ArchiveAsync(owned, uuid, cancellationToken)
                : _handOver.SendAsync(owned, uuid, address, session: null, isArchive: true, cancellationToken));
        }
    }

    /// <summary>A VM has moved to another host: its history follows.</summary>
    /// <param name="session">The toolstack's session there; null within a pool.</param>
    /// <exception cref="ArchiveFailedException">It did not arrive, and is still recorded.</exception>
    public async Task MigrateVmAsync(string uuid, string address, string? session, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        if (_store.Find(Vm(uuid)) is { } owned)
        {
            await _handOver.LeaveAsync(
                owned, address, () => _handOver.SendAsync(owned, uuid, address, session, isArchive: false, cancellationToken));
        }
    }

    /// <summary>A VM, SR or host is destroyed: its archive goes, and so does what is recorded of it, unless a plugin still reports it.</summary>
    /// <exception cref="ArchiveFailedException">The archive cannot be removed.</exception>
    public async Task RemoveAsync(string uuid, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        try
        {
            _archives.Remove(uuid);
            foreach (var owner in new[] { Vm(uuid), Sr(uuid) })
            {
                await _sampler.RemoveUnreportedAsync(owner);
            }
            _store.DeleteRemoved();
            _handOver.Forget(uuid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveFailedException($"{uuid} cannot be removed: {e.Message}", e);
        }
    }

    /// <summary>Archives an SR, which goes on being recorded.</summary>
    /// <param name="stop">It is unplugged: what is recorded leaves memory.</param>
    /// <returns>The path of its archive.</returns>
    /// <exception cref="ArchiveFailedException">There is nothing of this SR, or it could not be written.</exception>
    public async Task<string> ArchiveSrAsync(string uuid, bool stop, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        string path = _archives.PathOf(uuid);
        if (_store.Find(Sr(uuid)) is not { } owned)
        {
            return File.Exists(path) ? path : throw new ArchiveFailedException($"nothing is recorded of the SR {uuid}, nor was it archived");
        }
        if (stop)
        {
            await _handOver.LeaveAsync(owned, path, () => _handOver.ArchiveAsync(owned, uuid, cancellationToken));
        }
        else
        {
            await _handOver.ArchiveAsync(owned, uuid, cancellationToken);
        }
        return path;
    }

    /// <summary>An SR is plugged: it goes on with an archive.</summary>
    /// <param name="path">Its archive, with or without the end of its name.</param>
    /// <exception cref="ArchiveFailedException">The archive cannot be used, or there is none.</exception>
    public async Task PushSrAsync(string uuid, string path, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        string file = path.EndsWith(ArchiveFolder.Suffix, StringComparison.Ordinal) ? path : path + ArchiveFolder.Suffix;
        var archive = Read(uuid, file) ?? throw new ArchiveFailedException($"there is no archive {file}");
        await JoinAsync(Sr(uuid), archive, file);
    }

    /// <summary>Archives the host at the host that keeps archives.</summary>
    /// <exception cref="ArchiveFailedException">It did not arrive.</exception>
    public async Task SendHostAsync(string address, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(_hostUuid, cancellationToken);
        if (_store.Find(RrdOwner.Host) is { } owned)
        {
            await _handOver.SendAsync(owned, _hostUuid, address, session: null, isArchive: true, cancellationToken);
        }
    }

    /// <summary>Archives everything, which goes on being recorded. One that fails keeps no other from being archived.</summary>
    /// <param name="address">The host that keeps archives; null where this one does.</param>
    /// <exception cref="ArchiveFailedException">Not all of them arrived.</exception>
    public async Task BackUpAsync(string? address, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (var owned in _store.All)
        {
            string uuid = owned.Owner.Kind == RrdOwnerKind.Host ? _hostUuid : owned.Owner.Uuid;
            using var turn = await _turns.TakeAsync(uuid, cancellationToken);
            try
            {
                if (!owned.IsGone)
                {
                    await (address is null
                        ? _handOver.ArchiveAsync(owned, uuid, cancellationToken)
                        : _handOver.SendAsync(owned, uuid, address, session: null, isArchive: true, cancellationToken));
                }
            }
            catch (ArchiveFailedException e)
            {
                failures.Add(e.Message);
            }
        }
        if (failures.Count > 0)
        {
            throw new ArchiveFailedException($"{failures.Count} of {_store.All.Count} were not archived, the first: {failures[0]}");
        }
    }

    /// <summary>The host goes on with its archive, from here or from the host that keeps archives.</summary>
    /// <exception cref="ArchiveFailedException">It cannot be had, or cannot be used.</exception>
    public async Task LoadHostAsync(string uuid, string? address, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        var archive = ReadArchive(uuid);
        if (archive is null && address is not null)
        {
            await using var document = await _peers.FetchArchiveAsync(address, uuid, cancellationToken);
            archive = await ReadForeignAsync(document, cancellationToken);
        }
        if (archive is not null)
        {
            await JoinAsync(RrdOwner.Host, archive, address ?? _archives.PathOf(uuid));
        }
    }

    /// <summary>Takes an archive that another host sends.</summary>
    /// <param name="xml">To its end.</param>
    /// <exception cref="ArchiveFormatException">It is no RRD; nothing was changed.</exception>
    /// <exception cref="IOException">It cannot be kept; nothing was changed.</exception>
    public async Task ReceiveArchiveAsync(string uuid, Stream xml, CancellationToken cancellationToken)
    {
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        await _archives.WriteAsync(uuid, xml, cancellationToken);
    }

    /// <summary>Takes the history of a VM that has moved here; it is on disk when this returns.</summary>
    /// <inheritdoc cref="ReceiveArchiveAsync"/>
    public async Task ReceiveVmAsync(string uuid, Stream xml, CancellationToken cancellationToken)
    {
        var rrd = await ReadForeignAsync(xml, cancellationToken);
        if (WhyUnusable(rrd) is { } reason)
        {
            throw new ArchiveFormatException(reason);
        }
        using var turn = await _turns.TakeAsync(uuid, cancellationToken);
        await JoinAsync(Vm(uuid), rrd, "another host");
    }

    private static RrdOwner Vm(string uuid) => new(RrdOwnerKind.Vm, uuid);

    private static RrdOwner Sr(string uuid) => new(RrdOwnerKind.Sr, uuid);

    private static RoundRobinDatabase Nothing() => new(ArchiveLayout.Averages);

    private async Task JoinAsync(RrdOwner owner, RoundRobinDatabase archive, string from)
    {
        long newest = _sampler.NewestStep;
        var confined = archive.Confined(newest);
        // The newest tick is up to a step and a reading behind the clock, which is nobody's fault.
        if (archive.LastStep > newest + 1)
        {
            Log.CutAtNow(_log, from, owner.FileName, (archive.LastStep - newest) * ArchiveLayout.StandardStepSeconds);
        }
        if (confined.Layout != archive.Layout)
        {
            Log.RingsCut(_log, from, owner.FileName);
        }
        OwnedRrd owned;
        try
        {
            owned = await _sampler.JoinAsync(owner, confined);
        }
        catch (ArgumentException e)
        {
            throw new ArchiveFailedException($"{from} cannot be joined to {owner.FileName}: {e.Message}", e);
        }
        if (!owned.Sync())
        {
            throw new ArchiveFailedException($"{owner.FileName} has no room on disk; it is in memory, and goes to the disk when there is room");
        }
        if (archive.Tiles.Count > 0)
        {
            Log.Joined(_log, owner.FileName, from);
        }
    }

    /// <summary>All of it is here before it is read: how fast it comes is the other side's choice.</summary>
    private async Task<RoundRobinDatabase> ReadForeignAsync(Stream xml, CancellationToken cancellationToken)
    {
        await using var document = await _spool.WriteAsync(file => xml.CopyToAsync(file, cancellationToken));
        return await _archives.ReadForeignAsync(document, cancellationToken);
    }

    /// <summary>What the archive folder has; what is no archive there is set aside, so that the next one does not overwrite it.</summary>
    private RoundRobinDatabase? ReadArchive(string uuid)
    {
        try
        {
            return Read(uuid, _archives.PathOf(uuid));
        }
        catch (ArchiveFailedException e) when (e.InnerException is ArchiveFormatException)
        {
            _archives.SetAside(uuid);
            throw;
        }
    }

    private RoundRobinDatabase? Read(string uuid, string file) =>
        ArchiveFolder.IsThere(file) ? Checked(uuid, file, () => ArchiveFolder.ReadFile(file)) : null;

    private RoundRobinDatabase Checked(string uuid, string from, Func<RoundRobinDatabase> read)
    {
        try
        {
            var rrd = read();
            // An archive all the same, which may be of use once this host's clock is right: it stays where it is.
            return WhyUnusable(rrd) is { } reason ? throw new IOException(reason) : rrd;
        }
        catch (Exception e) when (e is ArchiveFormatException or IOException or UnauthorizedAccessException)
        {
            Log.ArchiveUnusable(_log, from, uuid, e.Message);
            throw new ArchiveFailedException($"the archive {from} cannot be used: {e.Message}", e);
        }
    }

    private string? WhyUnusable(RoundRobinDatabase rrd)
    {
        if (rrd.Layout.StepSeconds != ArchiveLayout.StandardStepSeconds)
        {
            return $"its steps are {rrd.Layout.StepSeconds} s long, not {ArchiveLayout.StandardStepSeconds} s";
        }
        // In seconds: a document may have any number there, and a span ends after 29,000 years.
        double ahead = rrd.LastUpdated - (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        return ahead > MostAhead.TotalSeconds ? $"its newest row is {Hours(ahead / 3600)} ahead of this host's clock" : null;
    }

    private static string Hours(double hours) => FormattableString.Invariant($"{hours:F0} {(Math.Round(hours) == 1 ? "hour" : "hours")}");
}
