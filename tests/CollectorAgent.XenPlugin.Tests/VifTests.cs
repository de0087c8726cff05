using static CollectorAgent.XenPlugin.Tests.FixtureXen;

namespace CollectorAgent.XenPlugin.Tests;

public sealed class VifTests
{
    [Fact]
    public void What_the_control_domain_receives_the_vm_has_sent()
    {
        using var xen = new FixtureXen();
        xen.WriteVif("vif1.0", receivedBytes: 100, sentBytes: 200, receiveErrors: 3, sendErrors: 4);

        var sample = xen.Take();

        Assert.Equal(200, sample.Integer(Paravirtual, "vif_0_rx"));
        Assert.Equal(100, sample.Integer(Paravirtual, "vif_0_tx"));
        Assert.Equal(4, sample.Integer(Paravirtual, "vif_0_rx_errors"));
        Assert.Equal(3, sample.Integer(Paravirtual, "vif_0_tx_errors"));
    }

    [Theory]
    [InlineData("tap1.0")]
    [InlineData("vif1.0-emu")]
    public void An_emulated_device_and_its_counterpart_are_one_interface(string emulated)
    {
        using var xen = new FixtureXen();
        xen.WriteVif("vif1.0", 100, 200, 3, 4);
        xen.WriteVif(emulated, 1000, 2000, 30, 40);

        var sample = xen.Take();

        Assert.Equal(2200, sample.Integer(Paravirtual, "vif_0_rx"));
        Assert.Equal(33, sample.Integer(Paravirtual, "vif_0_tx_errors"));
        Assert.Equal(2200, xen.Take().Integer(Paravirtual, "vif_0_rx"));
    }

    [Fact]
    public void Interfaces_come_and_go()
    {
        using var xen = new FixtureXen();
        xen.WriteVif("vif2.7", 1, 2, 0, 0);
        Assert.Equal(2, xen.Take().Integer(Hardware, "vif_7_rx"));

        xen.DeleteFolder("sys/class/net/vif2.7");

        Assert.False(xen.Take().Has(Hardware, "vif_7_rx"));
    }

    [Theory]
    [InlineData("vif99.0")]         // no such domain
    [InlineData("vif1")]
    [InlineData("vif1.")]
    [InlineData("vif.0")]
    [InlineData("vif1.0.1")]
    [InlineData("vif-1.0")]
    [InlineData("vif1.x")]
    [InlineData("vif99999999999.0")]
    [InlineData("xenbr0")]
    public void Other_devices_are_no_interfaces_of_vms(string name)
    {
        using var xen = new FixtureXen();
        int before = xen.Take().Sources.Count;
        xen.WriteVif(name, 1, 2, 0, 0);

        Assert.Equal(before, xen.Take().Sources.Count);
        Assert.Empty(xen.Errors);
    }

    [Fact]
    public void A_counter_that_is_no_number_costs_its_interface_only()
    {
        using var xen = new FixtureXen();
        xen.WriteVif("vif2.0", 1, 2, 0, 0);
        xen.Write("sys/class/net/vif2.0/statistics/tx_errors", "many\n");

        var sample = xen.Take();

        Assert.False(sample.Has(Hardware, "vif_0_rx"));
        Assert.True(sample.Has(Paravirtual, "vif_0_rx"));
    }
}
