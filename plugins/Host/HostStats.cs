using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>All statistics of the host, each behind a boundary of its own: one that fails costs its own values only.</summary>
internal sealed class HostStats
{
    private readonly Boundary[] _boundaries;

    /// <param name="procRoot">Where procfs is mounted.</param>
    /// <param name="sysRoot">Where sysfs is mounted.</param>
    /// <param name="errors">Is told when statistics fail, and when they are back.</param>
    public HostStats(string procRoot, string sysRoot, TimeProvider time, TextWriter errors)
    {
        _boundaries =
        [
            new("CPUs", new CpuStats(procRoot).Report, errors),
            new("load average", new LoadAverage(procRoot).Report, errors),
            new("memory", new MemoryInfo(procRoot).Report, errors),
            new("network interfaces", new NetworkInterfaces(procRoot, sysRoot).Report, errors),
            new("disks", new Disks(procRoot, sysRoot, time).Report, errors),
        ];
    }

    public void Report(SampleBatch batch)
    {
        foreach (var boundary in _boundaries)
        {
            boundary.Report(batch);
        }
    }

    private sealed class Boundary(string what, Action<SampleBatch> report, TextWriter errors)
    {
        private string? _trouble;

        public void Report(SampleBatch batch)
        {
            string? trouble = null;
            try
            {
                report(batch);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                trouble = e.Message;
            }
            if (trouble != _trouble)
            {
                errors.WriteLine($"{what}: {trouble ?? "complete again"}");
                _trouble = trouble;
            }
        }
    }
}
