namespace CollectorAgent.HostPlugin.Tests;

public sealed class DisksTests
{
    private static readonly string[] Unknown =
    [
        "read_latency", "write_latency", "io_throughput_read", "io_throughput_write", "io_throughput_total",
        "iops_read", "iops_write", "iops_total", "iowait", "latency", "avgqu_sz",
    ];

    [Theory]
    [InlineData("plain", "sda md0")]                // not sda1, loop, ram, zram, dm, nbd, td; no medium in sr0
    [InlineData("xen-guest", "xvda cciss/c0d0")]
    public void Whole_disks_with_a_medium_count(string fixture, string expected)
    {
        using var host = new FixtureHost(fixture);

        Assert.Equal(expected.Split(' '), host.Take().Devices("disk_", "_inflight"));
    }

    [Theory]
    [InlineData("sr1", "2097151", "5", false)]
    [InlineData("sr1", "2097151", null, false)]
    [InlineData("hdc", "2097151", "5", false)]
    [InlineData("sr1", "1331200", "5", true)]
    [InlineData("sr1", "2097152", "5", true)]
    [InlineData("sdx", "2097151", "0", true)]
    [InlineData("fd1", "8", null, false)]
    [InlineData("fd1", "0", null, false)]
    [InlineData("fd1", "2880", null, true)]
    [InlineData("fdisk", "8", null, true)]
    [InlineData("sdx", "8", "0", true)]
    public void Drive_of_which_no_medium_was_read_does_not_count(string name, string sectors, string? type, bool counts)
    {
        using var host = new FixtureHost("plain");
        host.Write($"sys/block/{name}/size", sectors + "\n");
        host.Write($"sys/block/{name}/removable", "1\n");
        host.Write($"sys/block/{name}/device/{(type is null ? "model" : "type")}", (type ?? "x") + "\n");
        host.Write("proc/diskstats", $"  11 9 {name} 7 0 56 120 0 0 0 0 0 120 120 0 0 0 0\n");

        Assert.Equal(counts ? [name] : [], host.Take().Devices("disk_", "_inflight"));
    }

    [Fact]
    public void At_first_only_running_totals_are_known()
    {
        using var host = new FixtureHost("plain");

        var sample = host.Take();

        Assert.Equal(20480 * 512, sample.Integer("disk_sda_read"));
        Assert.Equal(4096 * 512, sample.Integer("disk_sda_write"));
        Assert.Equal(3, sample.Integer("disk_sda_inflight"));
        Assert.All(Unknown, metric => Assert.Equal(double.NaN, sample.Float("disk_sda_" + metric)));
    }

    [Fact]
    public void From_the_second_sample_on_a_disk_reports_what_happened_since_the_one_before()
    {
        using var host = new FixtureHost("plain");
        host.Take();

        // 40 reads of 4 MiB in 200 ms, 10 writes of 2 MiB in 300 ms, 8 s in the queue.
        host.Edit("proc/diskstats", "1000 50 20480 4000 500 20 4096 1500 3 900 5500", "1040 50 28672 4200 510 20 8192 1800 7 950 13500");
        var sample = host.Take(afterSeconds: 4);

        Assert.Equal(28672 * 512, sample.Integer("disk_sda_read"));
        Assert.Equal(8192 * 512, sample.Integer("disk_sda_write"));
        Assert.Equal(5000, sample.Float("disk_sda_read_latency"));
        Assert.Equal(30000, sample.Float("disk_sda_write_latency"));
        Assert.Equal(10000, sample.Float("disk_sda_latency"));
        Assert.Equal(4, sample.Float("disk_sda_io_throughput_read"));
        Assert.Equal(2, sample.Float("disk_sda_io_throughput_write"));
        Assert.Equal(6, sample.Float("disk_sda_io_throughput_total"));
        Assert.Equal(40, sample.Float("disk_sda_iops_read"));
        Assert.Equal(10, sample.Float("disk_sda_iops_write"));
        Assert.Equal(50, sample.Float("disk_sda_iops_total"));
        Assert.Equal(0.5, sample.Float("disk_sda_iowait"));
        Assert.Equal(7, sample.Integer("disk_sda_inflight"));
        Assert.Equal(2, sample.Float("disk_sda_avgqu_sz"));
    }

    [Fact]
    public void Latency_is_unknown_while_nothing_is_requested()
    {
        using var host = new FixtureHost("plain");
        host.Take();

        host.Edit("proc/diskstats", "1000 50 20480 4000 500 20 4096 1500", "1010 50 20480 4010 500 20 4096 1500");
        var sample = host.Take();

        Assert.Equal(1000, sample.Float("disk_sda_read_latency"));
        Assert.Equal(double.NaN, sample.Float("disk_sda_write_latency"));
        Assert.Equal(1000, sample.Float("disk_sda_latency"));
        Assert.Equal(double.NaN, sample.Float("disk_md0_latency"));
        Assert.Equal(0, sample.Float("disk_md0_iops_total"));
        Assert.Equal(0, sample.Float("disk_md0_avgqu_sz"));
    }

    [Fact]
    public void A_disk_that_is_unplugged_goes_and_starts_anew_when_it_is_back()
    {
        using var host = new FixtureHost("hotplug");
        host.Take();
        Assert.Equal(0, host.Take().Float("disk_sdb_iops_total"));

        host.BecomeLike("hotplug-after");
        var without = host.Take();
        Assert.Equal(["sda"], without.Devices("disk_", "_inflight"));
        Assert.Equal(2, without.Float("disk_sda_iops_read"));

        host.BecomeLike("hotplug");
        Assert.Equal(double.NaN, host.Take().Float("disk_sdb_iops_total"));
        Assert.Equal(0, host.Take().Float("disk_sdb_iops_total"));
    }

    [Fact]
    public void Another_disk_under_the_same_name_starts_anew()
    {
        using var host = new FixtureHost("plain");
        host.Take();

        host.Edit("proc/diskstats", "1000 50 20480 4000 500 20 4096 1500", "4 0 32 2 1 0 8 3");
        var sample = host.Take();

        Assert.Equal(32 * 512, sample.Integer("disk_sda_read"));
        Assert.All(Unknown, metric => Assert.Equal(double.NaN, sample.Float("disk_sda_" + metric)));
    }

    [Fact]
    public void Times_wrap_at_32_bits_and_bytes_at_64()
    {
        using var host = new FixtureHost("huge");
        var first = host.Take();
        Assert.Equal(-4096, first.Integer("disk_sda_read"));
        Assert.Equal(-512, first.Integer("disk_sda_write"));

        host.Edit("proc/diskstats", "10 0 18446744073709551608 4294967196", "12 0 18446744073709551610 100");
        host.Edit("proc/diskstats", "20 0 36028797018963967 4294967295 0 5 4294967246", "21 0 36028797018963969 9 0 5 9950");
        var second = host.Take();

        Assert.Equal(1024, second.Integer("disk_sda_read") - first.Integer("disk_sda_read"));
        Assert.Equal(1024, second.Integer("disk_sda_write") - first.Integer("disk_sda_write"));
        Assert.Equal(100_000, second.Float("disk_sda_read_latency"));
        Assert.Equal(10_000, second.Float("disk_sda_write_latency"));
        Assert.Equal(2, second.Float("disk_sda_avgqu_sz"));
    }

    [Fact]
    public void A_medium_that_is_put_in_is_seen_within_a_minute()
    {
        using var host = new FixtureHost("plain");
        Assert.False(host.Take().Has("disk_sr0_inflight"));
        host.Write("sys/block/sr0/size", "1433600\n");

        Assert.Contains(Enumerable.Range(1, 12), _ => host.Take().Has("disk_sr0_inflight"));
    }

    [Fact]
    public void Counts_do_not_span_a_sample_that_failed()
    {
        using var host = new FixtureHost("plain");
        host.Take();
        string text = File.ReadAllText(Path.Combine(host.Proc, "diskstats"));

        host.Write("proc/diskstats", new string('x', 5 << 20));
        Assert.False(host.Take().Has("disk_sda_read"));

        host.Write("proc/diskstats", text);
        Assert.Equal(double.NaN, host.Take().Float("disk_sda_iops_total"));
        Assert.Equal(0, host.Take().Float("disk_sda_iops_total"));
    }

    [Fact]
    public void Damaged_lines_cost_their_own_disk_only()
    {
        using var host = new FixtureHost("damaged");

        Assert.Equal(["sda"], host.Take().Devices("disk_", "_inflight"));
    }
}
