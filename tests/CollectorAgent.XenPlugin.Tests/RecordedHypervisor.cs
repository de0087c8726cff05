using System.Globalization;
using CollectorAgent.Native;
using CollectorAgent.XenPlugin.Native;

namespace CollectorAgent.XenPlugin.Tests;

/// <summary>Answers what a real hypervisor answered, as tests/xen/oracle.c wrote it down, and what a test changes of it.</summary>
internal sealed class RecordedHypervisor : IHypervisor
{
    private ulong[] _idleTimes = [];

    public PhysicalInfo Physical { get; set; }

    public List<ulong> IdleTimes { get; } = [];

    public List<DomainInfo> Domains { get; } = [];

    public Dictionary<(uint Domain, uint Number), VcpuInfo> Vcpus { get; } = [];

    /// <summary>What XenServer's hypervisor says; upstream's has none.</summary>
    public Dictionary<uint, ulong[]>? Runstates { get; set; }

    /// <summary>Refuses every call.</summary>
    public bool IsAway { get; set; }

    /// <summary>Refuses to tell of the vCPUs of this domain.</summary>
    public uint? HidesVcpusOf { get; set; }

    public bool HasRunstates => Runstates is not null;

    /// <summary>Replaces everything by what a file says.</summary>
    public void Load(string file)
    {
        IdleTimes.Clear();
        Domains.Clear();
        Vcpus.Clear();
        foreach (string line in File.ReadLines(file))
        {
            string[] words = line.Split(' ');
            var fields = words[1..].Select(word => word.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
            ulong Number(string name) => ulong.Parse(fields[name], CultureInfo.InvariantCulture);
            switch (words[0])
            {
                case "physical":
                    Physical = new PhysicalInfo((int)Number("online_cpus"), Number("total_pages"), Number("free_pages"));
                    break;
                case "cpu":
                    IdleTimes.Add(Number("idle_ns"));
                    break;
                case "domain":
                    Domains.Add(new DomainInfo(
                        (uint)Number("id"), (DomainState)Number("flags"), Number("total_pages"), Number("cpu_time_ns"),
                        (uint)Number("online_vcpus"), (uint)Number("max_vcpu_id"), Guid.Parse(fields["handle"])));
                    break;
                case "vcpu":
                    Vcpus[((uint)Number("domain"), (uint)Number("number"))] =
                        new VcpuInfo(Number("online") == 1, Number("blocked") == 1, Number("cpu_time_ns"));
                    break;
            }
        }
    }

    /// <summary>Changes one domain.</summary>
    public void Change(uint id, Func<DomainInfo, DomainInfo> change)
    {
        int index = Domains.FindIndex(domain => domain.Id == id);
        Domains[index] = change(Domains[index]);
    }

    public PhysicalInfo ReadPhysical() => Asked(Physical);

    public ReadOnlySpan<ulong> ReadIdleTimes() => Asked(_idleTimes.SequenceEqual(IdleTimes) ? _idleTimes : _idleTimes = [.. IdleTimes]);

    public void ReadDomains(List<DomainInfo> domains)
    {
        domains.Clear();
        domains.AddRange(Asked(Domains));
    }

    public bool TryReadVcpu(uint domain, uint number, out VcpuInfo vcpu) =>
        domain == HidesVcpusOf ? throw new PosixException("xc_test", errno: 13) : Asked(Vcpus).TryGetValue((domain, number), out vcpu);

    public bool TryReadRunstates(uint domain, Span<ulong> times)
    {
        if (!Asked(Runstates)!.TryGetValue(domain, out ulong[]? recorded))
        {
            return false;
        }
        recorded.CopyTo(times);
        return true;
    }

    private T Asked<T>(T answer) => IsAway ? throw new PosixException("xc_test", errno: 13) : answer;
}
