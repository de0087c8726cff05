using System.IO.Enumeration;
using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>Traffic of the interfaces of all VMs, from the devices of the control domain that are their other ends.</summary>
internal sealed class Vifs
{
    private readonly string _classRoot;
    private readonly Domains _domains;
    private readonly LiveSet<NetDeviceKey, NetDevice> _devices;
    private readonly LiveSet<VifKey, Vif> _vifs = new(key => new Vif(key));

    public Vifs(string sysRoot, Domains domains)
    {
        _classRoot = Path.Combine(sysRoot, "class/net");
        _domains = domains;
        _devices = new(key => new NetDevice(key, _classRoot));
    }

    public void Report(SampleBatch batch)
    {
        FindDevices();
        _vifs.Begin();
        for (int i = 0; i < _vifs.Count; i++)
        {
            _vifs[i].Counters = default;
        }
        for (int i = 0; i < _devices.Count; i++)
        {
            if (_devices[i].TryRead(out var counters))
            {
                _vifs.See(_devices[i].Vif).Counters += counters;
            }
        }
        _vifs.End();
        for (int i = 0; i < _vifs.Count; i++)
        {
            if (_domains.FindVm(_vifs[i].Domain) is { } vm)
            {
                _vifs[i].Report(batch, vm);
            }
        }
    }

    private void FindDevices()
    {
        _devices.Begin();
        var names = new FileSystemEnumerable<NetDeviceKey>(_classRoot, static (ref FileSystemEntry entry) => KeyOf(ref entry)!.Value)
        {
            ShouldIncludePredicate = static (ref FileSystemEntry entry) => KeyOf(ref entry) is not null,
        };
        foreach (var key in names)
        {
            _devices.See(key);
        }
        _devices.End();

        static NetDeviceKey? KeyOf(ref FileSystemEntry entry) => NetDeviceKey.TryParse(entry.FileName, out var key) ? key : null;
    }
}
