using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>Which VM each domain is, and which of several domains of one VM its values come from.</summary>
internal sealed class VmOwners(Domains domains, IXenstore xenstore)
{
    // Domains that toolstacks keep for themselves: made for a moment, or for a test.
    private static readonly string[] HiddenBeginnings = ["00000000-0000-0000", "deadbeef-dead-beef"];

    // While a VM migrates on one host, it has two domains, and the last digits of their uuids are replaced.
    private const string LeavingEnd = "000000000000";
    private const string ArrivingEnd = "000000000001";

    private Dictionary<string, Domain> _domains = [];
    private Dictionary<string, Domain> _before = [];

    /// <summary>Assigns them; reports nothing.</summary>
    public void Assign(SampleBatch batch)
    {
        (_before, _domains) = (_domains, _before);
        _domains.Clear();
        IOException? trouble = null;
        for (int i = 0; i < domains.Count; i++)
        {
            var domain = domains[i];
            try
            {
                Resolve(domain);
            }
            catch (IOException e)
            {
                trouble ??= e;
            }
            if (domain.Vm is { } vm && (!_domains.TryGetValue(vm.Uuid, out var other) || IsBetter(domain, other)))
            {
                _domains[vm.Uuid] = domain;
            }
        }
        foreach (var (uuid, domain) in _domains)
        {
            // Totals of a domain that is new began at 0 since the last sample, as its incarnation says. Those of another one that was there
            // already did not: that the VM is not there for a sample says so.
            domain.IsReported = !_before.TryGetValue(uuid, out var before) || before.Id == domain.Id || domain.IsNew;
        }
        if (trouble is not null)
        {
            throw trouble;
        }
    }

    /// <summary>A VM that runs is where it is not paused; else in the newest domain.</summary>
    private static bool IsBetter(Domain domain, Domain other) => !domain.Info.IsPaused || other.Info.IsPaused;

    private void Resolve(Domain domain)
    {
        string handle = domain.Vm?.Handle ?? domain.Handle.ToString();
        if (domain.Id == Domain.ControlDomainId && domain.Handle == Guid.Empty)
        {
            // The value is "/vm/" and the uuid.
            Become(domain, handle, Uuid(Path.GetFileName(xenstore.Read("/local/domain/0/vm"))));
        }
        else if (handle.EndsWith(LeavingEnd, StringComparison.Ordinal))
        {
            Become(domain, handle, Uuid(xenstore.Read($"/vm/{handle}/origin-uuid")) ?? handle);
        }
        else if (handle.EndsWith(ArrivingEnd, StringComparison.Ordinal))
        {
            Become(domain, handle, Uuid(xenstore.Read($"/vm/{handle}/final-uuid")) ?? handle);
        }
        else
        {
            Become(domain, handle, handle);
        }
    }

    private static void Become(Domain domain, string handle, string? uuid)
    {
        if (uuid is null || IsHidden(uuid))
        {
            domain.Vm = null;
        }
        else if (domain.Vm?.Uuid != uuid)
        {
            domain.Vm = new Vm(handle, uuid, domain.Id);
        }
    }

    private static bool IsHidden(string uuid)
    {
        foreach (string beginning in HiddenBeginnings)
        {
            if (uuid.StartsWith(beginning, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>A uuid as the hypervisor would write it; null where the text is none.</summary>
    private static string? Uuid(string? text) => Guid.TryParseExact(text, "D", out var uuid) ? uuid.ToString() : null;
}
