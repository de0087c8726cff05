using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>All statistics of the host, each behind a boundary of its own: one that fails costs its own values only.</summary>
internal sealed class HostStats
{
    private readonly List<StatsBoundary> _boundaries = [];

    /// <param name="procRoot">Where procfs is mounted.</param>
    /// <param name="sysRoot">Where sysfs is mounted.</param>
    /// <param name="errors">Is told when statistics fail, and when they are back.</param>
    public HostStats(string procRoot, string sysRoot, TimeProvider time, TextWriter errors)
    {
        // In the control domain of a Xen host the kernel knows its own CPUs and memory, which are not those of the host.
        bool isWholeHost = !ControlDomain.IsHere(procRoot);
        if (isWholeHost)
        {
            _boundaries.Add(new("CPUs", new CpuStats(procRoot).Report, errors));
        }
        _boundaries.Add(new("load average", new LoadAverage(procRoot).Report, errors));
        if (isWholeHost)
        {
            _boundaries.Add(new("memory", new MemoryInfo(procRoot).Report, errors));
        }
        _boundaries.Add(new("network interfaces", new NetworkInterfaces(procRoot, sysRoot).Report, errors));
        _boundaries.Add(new("disks", new Disks(procRoot, sysRoot, time).Report, errors));
    }

    public void Report(SampleBatch batch)
    {
        foreach (var boundary in _boundaries)
        {
            boundary.Report(batch);
        }
    }
}
