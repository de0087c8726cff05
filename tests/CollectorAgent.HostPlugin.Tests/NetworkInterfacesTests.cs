namespace CollectorAgent.HostPlugin.Tests;

public sealed class NetworkInterfacesTests
{
    [Fact]
    public void An_interface_reports_the_kernels_counters()
    {
        using var host = new FixtureHost("plain");

        var sample = host.Take();

        Assert.Equal(52965430, sample.Integer("pif_eth0_rx"));
        Assert.Equal(81026, sample.Integer("pif_eth0_tx"));
        Assert.Equal(2, sample.Integer("pif_eth0_rx_errors"));
        Assert.Equal(1, sample.Integer("pif_eth0_tx_errors"));
    }

    [Theory]
    [InlineData("plain", "eth0")]                   // not lo, dummy0, ifb0 or a tunnel
    [InlineData("bond", "eth0 eth1 bond0")]         // not the VLAN on top
    [InlineData("bridge", "eth0")]                  // not the bridge, and no ends of guests' links: vif, tap, veth
    [InlineData("container", "eth0")]               // without a device, but it leads out; not tap0 and eth0.5
    [InlineData("xen-guest", "eth0")]               // a Xen device, but the guest's end
    public void Interfaces_that_lead_out_of_the_host_are_physical(string fixture, string expected)
    {
        using var host = new FixtureHost(fixture);

        Assert.Equal(expected.Split(' '), host.Take().Devices("pif_", "_rx").Where(device => device != "aggr"));
    }

    [Fact]
    public void Totals_count_the_members_of_a_bond_and_not_the_bond()
    {
        using var host = new FixtureHost("bond");
        var first = host.Take();
        Assert.Equal(0, first.Integer("pif_aggr_rx"));

        host.Edit("proc/net/dev", "  eth0:    1000 ", "  eth0:    1700 ");
        host.Edit("proc/net/dev", "  eth1:   10000 ", "  eth1:   10040 ");
        host.Edit("proc/net/dev", " bond0:   11000 ", " bond0:   11740 ");
        host.Edit("proc/net/dev", "bond0.100:    5000 ", "bond0.100:    5740 ");
        var second = host.Take();

        Assert.Equal(740, second.Integer("pif_aggr_rx"));
        Assert.Equal(0, second.Integer("pif_aggr_tx"));
        Assert.Equal(11740, second.Integer("pif_bond0_rx"));
    }

    [Fact]
    public void Totals_go_on_when_an_interface_is_unplugged_and_plugged_in_again()
    {
        using var host = new FixtureHost("hotplug");
        host.Take();

        host.BecomeLike("hotplug-after");
        var without = host.Take();
        Assert.False(without.Has("pif_eth1_rx"));
        Assert.Equal(500, without.Integer("pif_aggr_rx"));
        Assert.Equal(600, without.Integer("pif_aggr_tx"));

        host.BecomeLike("hotplug");
        host.Edit("proc/net/dev", "  eth0:    1000 ", "  eth0:    1510 ");
        var with = host.Take();
        Assert.Equal(700000, with.Integer("pif_eth1_rx"));
        Assert.Equal(510, with.Integer("pif_aggr_rx"));
    }

    [Fact]
    public void A_counter_that_starts_anew_adds_nothing_to_the_totals()
    {
        using var host = new FixtureHost("plain");
        host.Take();

        host.Edit("proc/net/dev", "  eth0: 52965430 ", "  eth0: 100 ");
        Assert.Equal(0, host.Take().Integer("pif_aggr_rx"));

        host.Edit("proc/net/dev", "  eth0: 100 ", "  eth0: 130 ");
        Assert.Equal(30, host.Take().Integer("pif_aggr_rx"));
    }

    [Fact]
    public void Counters_beyond_63_bits_keep_their_differences()
    {
        using var host = new FixtureHost("huge");
        var first = host.Take();
        Assert.Equal(-1000, first.Integer("pif_eth0_rx"));
        Assert.Equal(long.MaxValue, first.Integer("pif_eth0_tx"));

        host.Edit("proc/net/dev", "18446744073709550616", "18446744073709551615");
        var second = host.Take();

        Assert.Equal(999, second.Integer("pif_eth0_rx") - first.Integer("pif_eth0_rx"));
        Assert.Equal(999, second.Integer("pif_aggr_rx"));
    }

    [Fact]
    public void An_interface_that_becomes_port_of_a_bridge_is_seen_to_within_a_minute()
    {
        using var host = new FixtureHost("container");
        Assert.True(host.Take().Has("pif_eth0_rx"));
        host.Write("sys/class/net/eth0/brport/state", "3\n");

        Assert.Contains(Enumerable.Range(1, 12), _ => !host.Take().Has("pif_eth0_rx"));
    }

    [Fact]
    public void Characters_that_names_cannot_have_are_replaced()
    {
        using var host = new FixtureHost("plain");
        host.Edit("proc/net/dev", "  eth0:", "  eth0:1\u0007:");
        foreach (string file in new[] { "type", "flags", "device/modalias" })
        {
            host.Write("sys/class/net/eth0:1\u0007/" + file, "1\n");
        }

        Assert.Equal(52965430, host.Take().Integer("pif_eth0/1?_rx"));
    }

    [Fact]
    public void Damaged_lines_cost_their_own_interface_only()
    {
        using var host = new FixtureHost("damaged");

        var sample = host.Take();

        Assert.Equal(["aggr", "eth0"], sample.Devices("pif_", "_tx").Order());
        Assert.Equal(2000, sample.Integer("pif_eth0_tx"));
    }
}
