using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>How busy each CPU of the host is.</summary>
internal sealed class HostCpus(IHypervisor hypervisor)
{
    private readonly CpuSources _cpus = new();

    public void Report(SampleBatch batch)
    {
        var idleTimes = hypervisor.ReadIdleTimes();
        _cpus.Begin();
        for (int i = 0; i < idleTimes.Length; i++)
        {
            if (idleTimes[i] != 0)
            {
                _cpus.Set(i, Nanoseconds.ToSeconds(idleTimes[i]));
            }
        }
        _cpus.Report(batch);
    }
}
