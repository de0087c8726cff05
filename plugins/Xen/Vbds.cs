using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>Requests to the disks of all VMs.</summary>
internal sealed class Vbds(XenPaths paths, Domains domains, IXenstore xenstore, TimeProvider time)
{
    private readonly Tapdisks _tapdisks = new(paths.SharedMemory, paths.Proc);
    private readonly BackendDisks _backendDisks = new(paths.Sys);
    private readonly LiveSet<VbdKey, Vbd> _vbds = new(key => new Vbd(key));
    private long? _lastSample;

    public void Report(SampleBatch batch)
    {
        long now = time.GetTimestamp();
        double elapsedSeconds = _lastSample is { } last ? time.GetElapsedTime(last, now).TotalSeconds : double.NaN;
        _lastSample = now;
        Count();
        IOException? trouble = null;
        for (int i = 0; i < _vbds.Count; i++)
        {
            var vbd = _vbds[i];
            try
            {
                if (domains.FindVm(vbd.Domain) is { } vm && vbd.Name(xenstore) is { } name)
                {
                    vbd.Report(batch, vm, name, elapsedSeconds);
                }
            }
            catch (IOException e)
            {
                trouble ??= e;
            }
        }
        if (trouble is not null)
        {
            throw trouble;
        }
    }

    private void Count()
    {
        _vbds.Begin();
        for (int i = 0; i < _vbds.Count; i++)
        {
            _vbds[i].Begin();
        }
        _tapdisks.Count(_vbds);
        _backendDisks.Count(_vbds);
        _vbds.End();
    }
}
