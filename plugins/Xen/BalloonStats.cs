using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>What toolstack and guests write about memory into xenstore, in KiB. Guests can write there too: a text that is no number is
/// taken for none.</summary>
internal sealed class BalloonStats(Domains domains, IXenstore xenstore)
{
    private const int BytesPerKib = 1024;

    // 128 TiB, more than a domain can have; the sum over all domains that there can be fits.
    private const long MaxKib = 1L << 37;

    private readonly ReportedSource _reclaimed = Source("memory_reclaimed", "Memory that VMs gave up: how far they are below their maxima.");

    private readonly ReportedSource _reclaimable = Source(
        "memory_reclaimed_max", "Memory that VMs could still give up: how far they are above their minima.");

    private readonly LiveSet<uint, Paths> _paths = new(id => new Paths(id));

    public void Report(SampleBatch batch)
    {
        long reclaimedKib = 0, reclaimableKib = 0;
        _paths.Begin();
        for (int i = 0; i < domains.Count; i++)
        {
            var domain = domains[i];
            var paths = _paths.See(domain.Id);
            long? target = ReadKib(paths.Target);
            reclaimedKib += ReadKib(paths.Maximum) - target ?? 0;
            reclaimableKib += target - ReadKib(paths.Minimum) ?? 0;
            if (domain is { Vm: { } vm, IsReported: true })
            {
                Report(batch, vm.Memory, target, domain.Id == Domain.ControlDomainId ? null : ReadKib(paths.Free));
            }
        }
        _paths.End();
        if (domains.Count > 0)
        {
            batch.Report(_reclaimed, reclaimedKib * BytesPerKib);
            batch.Report(_reclaimable, reclaimableKib * BytesPerKib);
        }
    }

    private static void Report(SampleBatch batch, VmMemory memory, long? targetKib, long? freeKib)
    {
        if (targetKib is { } target)
        {
            batch.Report(memory.Target, target * BytesPerKib);
        }
        if (freeKib is { } free)
        {
            batch.Report(memory.InternalFree, free);
        }
    }

    private long? ReadKib(string path) =>
        long.TryParse(xenstore.Read(path), NumberStyles.None, CultureInfo.InvariantCulture, out long kib) && kib <= MaxKib ? kib : null;

    private static ReportedSource Source(string name, string description) => new(name)
    {
        Type = ReportedType.Gauge,
        IsInteger = true,
        Units = "B",
        IsDefault = true,
        Description = description,
    };

    private sealed class Paths(uint domain)
    {
        private readonly string _root = string.Create(CultureInfo.InvariantCulture, $"/local/domain/{domain}");

        public string Target => field ??= _root + "/memory/target";

        public string Maximum => field ??= _root + "/memory/dynamic-max";

        public string Minimum => field ??= _root + "/memory/dynamic-min";

        public string Free => field ??= _root + "/data/meminfo_free";
    }
}
