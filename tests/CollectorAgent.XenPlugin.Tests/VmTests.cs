using CollectorAgent.XenPlugin.Native;
using static CollectorAgent.XenPlugin.Tests.FixtureXen;

namespace CollectorAgent.XenPlugin.Tests;

public sealed class VmTests
{
    [Fact]
    public void Each_vcpu_reports_the_seconds_it_ran_and_the_usage_their_mean()
    {
        using var xen = new FixtureXen();
        var domain = xen.Hypervisor.Domains.Single(domain => domain.Id == 1);

        var sample = xen.Take();

        Assert.Equal(xen.Hypervisor.Vcpus[(1, 0)].CpuTimeNs / 1e9, sample.Float(Paravirtual, "cpu0"), 1e-9);
        Assert.Equal(xen.Hypervisor.Vcpus[(1, 1)].CpuTimeNs / 1e9, sample.Float(Paravirtual, "cpu1"), 1e-9);
        Assert.False(sample.Has(Paravirtual, "cpu2"));
        Assert.Equal(domain.CpuTimeNs / 1e9 / 2, sample.Float(Paravirtual, "cpu_usage"), 1e-9);
        Assert.True(sample.Float(Paravirtual, "cpu0") > 0.1);
    }

    [Fact]
    public void The_flag_in_bit_63_is_no_part_of_a_time()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Vcpus[(2, 0)] = new VcpuInfo(true, true, (1UL << 63) | 2_500_000_000);
        xen.Hypervisor.Change(2, domain => domain with { CpuTimeNs = (1UL << 63) | 3_500_000_000 });

        var sample = xen.Take();

        Assert.Equal(2.5, sample.Float(Hardware, "cpu0"));
        Assert.Equal(3.5, sample.Float(Hardware, "cpu_usage"));
    }

    [Fact]
    public void A_vcpu_that_is_plugged_in_does_not_make_the_usage_jump()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Change(1, domain => domain with { CpuTimeNs = 8_000_000_000, OnlineVcpus = 1 });
        Assert.Equal(8, xen.Take().Float(Paravirtual, "cpu_usage"));

        xen.Hypervisor.Change(1, domain => domain with { CpuTimeNs = 12_000_000_000, OnlineVcpus = 2 });

        Assert.Equal(10, xen.Take().Float(Paravirtual, "cpu_usage"));
    }

    [Fact]
    public void Memory_is_what_the_hypervisor_gave_and_its_target_what_xenstore_says()
    {
        using var xen = new FixtureXen();
        xen.Xenstore.Values["/local/domain/1/data/meminfo_free"] = "54321";

        var sample = xen.Take();

        Assert.Equal((long)xen.Hypervisor.Domains.Single(domain => domain.Id == 1).TotalPages * 4096, sample.Integer(Paravirtual, "memory"));
        Assert.Equal(128L << 20, sample.Integer(Paravirtual, "memory_target"));
        Assert.Equal(54321, sample.Integer(Paravirtual, "memory_internal_free"));
        Assert.False(sample.Has(Hardware, "memory_internal_free"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("12 MiB")]
    [InlineData("99999999999999999999")]
    [InlineData("9223372036854775807")]
    public void What_a_guest_writes_is_no_number_until_it_is_one(string text)
    {
        using var xen = new FixtureXen();
        xen.Xenstore.Values["/local/domain/1/data/meminfo_free"] = text;
        xen.Xenstore.Values["/local/domain/1/memory/target"] = text;

        var sample = xen.Take();

        Assert.False(sample.Has(Paravirtual, "memory_internal_free"));
        Assert.False(sample.Has(Paravirtual, "memory_target"));
        Assert.True(sample.Has(Paravirtual, "memory"));
        Assert.Empty(xen.Errors);
    }

    [Fact]
    public void The_control_domain_says_itself_what_it_has_free()
    {
        using var xen = new FixtureXen();
        xen.Write("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\nMemAvailable: 777 kB\n");

        Assert.Equal(777, xen.Take().Integer(Control, "memory_internal_free"));

        xen.Write("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 300 kB\n");
        Assert.False(xen.Take().Has(Control, "memory_internal_free"));
        Assert.Contains("MemAvailable", Assert.Single(xen.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_paused_vm_reports_what_it_has()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Change(2, domain => domain with { State = DomainState.Paused });

        var sample = xen.Take();

        Assert.Equal(["cpu0", "cpu_usage", "memory", "memory_target"], sample.NamesOf(Hardware));
    }

    [Fact]
    public void Xenservers_runstates_are_offered_where_the_hypervisor_has_them()
    {
        using var xen = new FixtureXen();
        Assert.DoesNotContain(xen.Take().Sources, source => source.Name.StartsWith("run", StringComparison.Ordinal) && source.Owner.Uuid != "");

        xen.Hypervisor.Runstates = new() { [1] = [1_000_000_000, 2_000_000_000, 4_000_000_000, 8_000_000_000, 16_000_000_000, 32_000_000_000] };
        var sample = xen.Take();

        Assert.Equal(1, sample.Float(Paravirtual, "runstate_fullrun"));
        Assert.Equal(2, sample.Float(Paravirtual, "runstate_full_contention"));
        Assert.Equal(4, sample.Float(Paravirtual, "runstate_concurrency_hazard"));
        Assert.Equal(8, sample.Float(Paravirtual, "runstate_blocked"));
        Assert.Equal(16, sample.Float(Paravirtual, "runstate_partial_run"));
        Assert.Equal(32, sample.Float(Paravirtual, "runstate_partial_contention"));
        Assert.Equal(2 + 4 + 32, sample.Float(Paravirtual, "runnable_any"));
        Assert.False(sample.Has(Hardware, "runnable_any"));
        Assert.True(sample.Has(Hardware, "cpu_usage"));
    }
}
