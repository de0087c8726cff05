namespace CollectorAgent.XenPlugin;

/// <summary>The disks that the kernel serves.</summary>
internal sealed class BackendDisks
{
    private readonly string _devicesRoot;
    private readonly LiveSet<VbdKey, BackendDisk> _disks;

    public BackendDisks(string sysRoot)
    {
        _devicesRoot = Path.Combine(sysRoot, "bus/xen-backend/devices");
        _disks = new(key => new BackendDisk(key, _devicesRoot));
    }

    public void Count(LiveSet<VbdKey, Vbd> vbds)
    {
        _disks.Begin();
        if (Directory.Exists(_devicesRoot))
        {
            foreach (var key in VbdKey.In(_devicesRoot))
            {
                var disk = _disks.See(key);
                // A tapdisk that serves it through the kernel knows more.
                if (vbds.Find(key) is not { IsCounted: true } && disk.TryRead(out var counters))
                {
                    vbds.See(key).Count(counters);
                }
            }
        }
        _disks.End();
    }
}
