using CollectorAgent.XenPlugin.Native;
using static CollectorAgent.XenPlugin.Tests.FixtureXen;

namespace CollectorAgent.XenPlugin.Tests;

public sealed class HostTests
{
    [Fact]
    public void The_host_reports_memory_of_the_machine_not_of_the_control_domain()
    {
        using var xen = new FixtureXen();

        var sample = xen.Take();

        Assert.Equal((long)xen.Hypervisor.Physical.TotalPages * 4, sample.Integer(Host, "memory_total_kib"));
        Assert.Equal((long)xen.Hypervisor.Physical.FreePages * 4, sample.Integer(Host, "memory_free_kib"));
        Assert.InRange(sample.Integer(Host, "memory_total_kib"), 2_000_000, 2_200_000);
    }

    [Fact]
    public void Cpus_that_are_online_report_seconds_without_work_and_the_average_their_mean()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.IdleTimes.Clear();
        xen.Hypervisor.IdleTimes.AddRange([10_000_000_000, 30_000_000_000, 0, 50_000_000_000]);

        var sample = xen.Take();

        Assert.Equal(["cpu0", "cpu1", "cpu3", "cpu_avg"], sample.NamesOf(Host).Where(name => name.StartsWith("cpu", StringComparison.Ordinal)));
        Assert.Equal(50, sample.Float(Host, "cpu3"));
        Assert.Equal(30, sample.Float(Host, "cpu_avg"));
    }

    [Fact]
    public void A_cpu_that_goes_offline_does_not_make_the_average_jump()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.IdleTimes.Clear();
        xen.Hypervisor.IdleTimes.AddRange([10_000_000_000, 1000_000_000_000]);
        Assert.Equal(505, xen.Take().Float(Host, "cpu_avg"));

        xen.Hypervisor.IdleTimes[0] = 14_000_000_000;
        xen.Hypervisor.IdleTimes[1] = 0;

        Assert.Equal(509, xen.Take().Float(Host, "cpu_avg"));
    }

    [Fact]
    public void Load_counts_vcpus_that_run_or_could()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Vcpus[(0, 0)] = new VcpuInfo(IsOnline: true, IsBlocked: false, CpuTimeNs: 1);
        xen.Hypervisor.Vcpus[(1, 0)] = new VcpuInfo(IsOnline: true, IsBlocked: true, CpuTimeNs: 1);
        xen.Hypervisor.Vcpus[(1, 1)] = new VcpuInfo(IsOnline: true, IsBlocked: false, CpuTimeNs: 1);
        xen.Hypervisor.Vcpus[(2, 0)] = new VcpuInfo(IsOnline: false, IsBlocked: false, CpuTimeNs: 1);
        xen.Hypervisor.Physical = xen.Hypervisor.Physical with { OnlineCpus = 4 };

        var sample = xen.Take();

        Assert.Equal(2, sample.Integer(Host, "running_vcpus"));
        Assert.Equal(3, sample.Integer(Host, "running_domains"));
        Assert.Equal(0.5, sample.Float(Host, "hostload"));
    }

    [Fact]
    public void Paused_domains_and_dying_ones_do_not_run()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Vcpus[(0, 0)] = new VcpuInfo(IsOnline: true, IsBlocked: false, CpuTimeNs: 1);
        xen.Hypervisor.Vcpus[(1, 0)] = xen.Hypervisor.Vcpus[(1, 1)] = xen.Hypervisor.Vcpus[(2, 0)] = xen.Hypervisor.Vcpus[(0, 0)];
        xen.Hypervisor.Change(1, domain => domain with { State = DomainState.Paused });
        xen.Hypervisor.Change(2, domain => domain with { State = DomainState.Dying });

        var sample = xen.Take();

        Assert.Equal(1, sample.Integer(Host, "running_domains"));
        Assert.Equal(1, sample.Integer(Host, "running_vcpus"));
    }

    [Fact]
    public void Memory_that_vms_gave_up_is_the_sum_over_those_that_have_a_range()
    {
        using var xen = new FixtureXen();
        foreach (string path in xen.Xenstore.Values.Keys.Where(path => path.Contains("/memory/", StringComparison.Ordinal)))
        {
            xen.Xenstore.Values.Remove(path);
        }
        xen.Xenstore.Values["/local/domain/1/memory/target"] = "100";
        xen.Xenstore.Values["/local/domain/1/memory/dynamic-max"] = "130";
        xen.Xenstore.Values["/local/domain/1/memory/dynamic-min"] = "80";
        xen.Xenstore.Values["/local/domain/2/memory/target"] = "1000";
        xen.Xenstore.Values["/local/domain/2/memory/dynamic-max"] = "2000";
        xen.Xenstore.Values["/local/domain/0/memory/dynamic-max"] = "7000";

        var sample = xen.Take();

        Assert.Equal(1030 * 1024, sample.Integer(Host, "memory_reclaimed"));
        Assert.Equal(20 * 1024, sample.Integer(Host, "memory_reclaimed_max"));
    }
}
