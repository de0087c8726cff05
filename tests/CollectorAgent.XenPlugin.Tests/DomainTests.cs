using CollectorAgent.XenPlugin.Native;
using static CollectorAgent.XenPlugin.Tests.FixtureXen;

namespace CollectorAgent.XenPlugin.Tests;

/// <summary>Domains come and go at any moment, and not each is a VM.</summary>
public sealed class DomainTests
{
    [Fact]
    public void A_domain_that_is_destroyed_ends_its_values_and_no_others()
    {
        using var xen = new FixtureXen();
        int all = xen.Take().Sources.Count;
        int ofVm = xen.Take().NamesOf(Paravirtual).Count();

        xen.Hypervisor.Domains.RemoveAll(domain => domain.Id == 1);

        var sample = xen.Take();
        Assert.Empty(sample.NamesOf(Paravirtual));
        Assert.Equal(all - ofVm, sample.Sources.Count);
        Assert.Empty(xen.Errors);
    }

    [Fact]
    public void A_domain_that_vanishes_between_list_and_detail_costs_its_vcpus_only()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Vcpus.Remove((1, 0));
        xen.Hypervisor.Vcpus.Remove((1, 1));
        xen.DeleteFolder("sys/class/net/vif1.0");
        xen.DeleteFolder("sys/bus/xen-backend/devices/vbd-1-51712/statistics");

        var sample = xen.Take();

        Assert.Equal(["cpu_usage", "memory", "memory_target", "memory_internal_free"], sample.NamesOf(Paravirtual));
        Assert.True(sample.Has(Hardware, "cpu0"));
        Assert.Empty(xen.Errors);
    }

    [Fact]
    public void A_domain_that_is_being_destroyed_reports_nothing()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Change(1, domain => domain with { State = DomainState.Dying | DomainState.Shutdown });

        Assert.Empty(xen.Take().NamesOf(Paravirtual));
    }

    [Theory]
    [InlineData("00000000-0000-0000-1234-123456789abc")]
    [InlineData("deadbeef-dead-beef-1234-123456789abc")]
    public void Uuids_that_toolstacks_keep_for_themselves_are_no_vms(string uuid)
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Change(2, domain => domain with { Handle = Guid.Parse(uuid) });

        var sample = xen.Take();

        Assert.DoesNotContain(sample.Sources, source => source.Owner.Uuid == uuid);
        Assert.Equal(3, sample.Integer(Host, "running_domains"));
    }

    [Fact]
    public void The_control_domains_uuid_is_its_handle_or_else_what_xenstore_says()
    {
        using var xen = new FixtureXen();
        Assert.Equal(Guid.Empty, xen.Hypervisor.Domains[0].Handle);
        Assert.True(xen.Take().Has(Control, "memory"));

        xen.Xenstore.Values.Remove("/local/domain/0/vm");
        Assert.DoesNotContain(xen.Take().Sources, source => source.Owner.Uuid == Control["vm ".Length..]);

        xen.Hypervisor.Change(0, domain => domain with { Handle = Guid.Parse("12345678-1234-4234-8234-123456789abc") });
        Assert.True(xen.Take().Has("vm 12345678-1234-4234-8234-123456789abc", "memory"));
    }

    [Theory]
    [InlineData("/vm/00000000-0000-0000-0000-000000000000")]
    [InlineData("/vm/../../etc")]
    [InlineData("")]
    public void What_xenstore_says_must_be_a_uuid(string value)
    {
        using var xen = new FixtureXen();
        xen.Xenstore.Values["/local/domain/0/vm"] = value;

        Assert.Equal(["vm a1b2c3d4-0001-4000-8000-000000000011", "vm a1b2c3d4-0002-4000-8000-000000000022"],
            xen.Take().Sources.Select(source => source.Owner.ToString()).Where(owner => owner != Host).Distinct());
    }

    [Theory]
    [InlineData("a1b2c3d4-0002-4000-8000-000000000000", "origin-uuid")]
    [InlineData("a1b2c3d4-0002-4000-8000-000000000001", "final-uuid")]
    public void A_migrating_domain_counts_for_the_vm_that_it_is(string handle, string key)
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Change(2, domain => domain with { Handle = Guid.Parse(handle) });
        Assert.True(xen.Take().Has("vm " + handle, "memory"));

        xen.Xenstore.Values[$"/vm/{handle}/{key}"] = Hardware["vm ".Length..];

        Assert.True(xen.Take().Has(Hardware, "memory"));
    }

    [Fact]
    public void Of_two_domains_of_one_vm_the_one_that_runs_counts()
    {
        using var xen = new FixtureXen();
        var old = xen.Hypervisor.Domains.Single(domain => domain.Id == 2);
        xen.Take();

        xen.Hypervisor.Domains.Add(old with { Id = 9, TotalPages = 1, State = DomainState.Paused });
        Assert.Equal((long)old.TotalPages * 4096, xen.Take().Integer(Hardware, "memory"));

        xen.Hypervisor.Change(2, domain => domain with { State = DomainState.Paused });
        xen.Hypervisor.Change(9, domain => domain with { State = DomainState.Running });
        // Its totals are others: one sample without the VM says so.
        Assert.Empty(xen.Take().NamesOf(Hardware));
        Assert.Equal(4096, xen.Take().Integer(Hardware, "memory"));
    }

    [Fact]
    public void A_vm_that_starts_anew_is_there_at_once_and_its_counters_are_those_of_its_new_domain()
    {
        using var xen = new FixtureXen();
        Assert.Equal("2", xen.Take().Incarnation(Hardware, "cpu_usage"));
        xen.Hypervisor.Change(2, domain => domain with { Id = 9 });

        var sample = xen.Take();

        Assert.Equal("9", sample.Incarnation(Hardware, "cpu_usage"));
        Assert.Equal("1", sample.Incarnation(Paravirtual, "cpu0"));
        Assert.All(["vif_0_rx", "vbd_xvda_read"], name => Assert.Equal("1", sample.Incarnation(Paravirtual, name)));
    }

    [Fact]
    public void A_number_that_another_domain_has_taken_stands_for_another_vm()
    {
        using var xen = new FixtureXen();
        xen.Take();
        xen.Hypervisor.Change(2, domain => domain with { Handle = Guid.Parse("c0ffee00-0003-4000-8000-000000000033") });

        var sample = xen.Take();

        Assert.Empty(sample.NamesOf(Hardware));
        Assert.True(sample.Has("vm c0ffee00-0003-4000-8000-000000000033", "memory"));
    }

    [Fact]
    public void A_domain_without_vcpus_has_none()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.Change(2, domain => domain with { MaxVcpuId = DomainInfo.NoVcpu, OnlineVcpus = 0 });

        var sample = xen.Take();

        Assert.False(sample.Has(Hardware, "cpu0"));
        Assert.Equal(double.NaN, sample.Float(Hardware, "cpu_usage"));
        Assert.True(sample.Has(Hardware, "memory"));
    }
}
