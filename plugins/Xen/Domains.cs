using CollectorAgent.Sdk;
using CollectorAgent.XenPlugin.Native;

namespace CollectorAgent.XenPlugin;

/// <summary>The domains of this host, but those that are being destroyed.</summary>
internal sealed class Domains(IHypervisor hypervisor)
{
    private readonly List<DomainInfo> _infos = [];
    private readonly List<Domain> _byId = [];
    private readonly LiveSet<DomainKey, Domain> _domains = new(key => new Domain(key));

    public int Count => _byId.Count;

    public Domain this[int index] => _byId[index];

    /// <summary>Takes what the hypervisor says now; reports nothing. Where it fails there are no domains.</summary>
    public void Refresh(SampleBatch batch)
    {
        try
        {
            Read();
        }
        catch (IOException)
        {
            // Some of them would make wrong sums.
            _byId.Clear();
            throw;
        }
    }

    /// <summary>The VM that has this domain, if its values are those of the domain.</summary>
    public Vm? FindVm(uint domainId)
    {
        int low = 0, high = _byId.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            var domain = _byId[middle];
            if (domain.Id == domainId)
            {
                return domain.IsReported ? domain.Vm : null;
            }
            (low, high) = domain.Id < domainId ? (middle + 1, high) : (low, middle - 1);
        }
        return null;
    }

    private void Read()
    {
        _byId.Clear();
        hypervisor.ReadDomains(_infos);
        _domains.Begin();
        foreach (var info in _infos)
        {
            if (!info.IsDying)
            {
                var domain = _domains.See(new DomainKey(info.Id, info.Handle));
                domain.Read(info, hypervisor);
                _byId.Add(domain);
            }
        }
        _domains.End();
    }
}
