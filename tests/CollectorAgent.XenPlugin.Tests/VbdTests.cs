using static CollectorAgent.XenPlugin.Tests.FixtureXen;

namespace CollectorAgent.XenPlugin.Tests;

public sealed class VbdTests
{
    private const string Statistics = "sys/bus/xen-backend/devices/vbd-1-51712/statistics/";

    private static readonly string[] OfTapdiskOnly = ["read_latency", "write_latency", "latency", "iowait", "inflight", "avgqu_sz"];

    [Fact]
    public void Bytes_are_running_totals_and_requests_what_was_since_the_last_sample()
    {
        using var xen = new FixtureXen();
        long sectorsRead = xen.ReadNumber(Statistics + "rd_sect");
        long reads = xen.ReadNumber(Statistics + "rd_req");
        long writes = xen.ReadNumber(Statistics + "wr_req");
        var first = xen.Take();
        Assert.Equal(sectorsRead * 512, first.Integer(Paravirtual, "vbd_xvda_read"));
        Assert.True(sectorsRead > 2048);
        Assert.Equal(double.NaN, first.Float(Paravirtual, "vbd_xvda_iops_read"));

        xen.BecomeLike("second");
        var second = xen.Take();

        long added = xen.ReadNumber(Statistics + "rd_sect") - sectorsRead;
        Assert.True(added > 0);
        Assert.Equal((sectorsRead + added) * 512, second.Integer(Paravirtual, "vbd_xvda_read"));
        Assert.Equal(added / 2048.0, second.Float(Paravirtual, "vbd_xvda_io_throughput_read"), 1e-9);
        Assert.Equal(xen.ReadNumber(Statistics + "rd_req") - reads, second.Float(Paravirtual, "vbd_xvda_iops_read"));
        Assert.Equal(xen.ReadNumber(Statistics + "wr_req") - writes, second.Float(Paravirtual, "vbd_xvda_iops_write"));
        Assert.Equal(
            second.Float(Paravirtual, "vbd_xvda_iops_read") + second.Float(Paravirtual, "vbd_xvda_iops_write"),
            second.Float(Paravirtual, "vbd_xvda_iops_total"));
    }

    [Fact]
    public void The_kernel_does_not_count_times()
    {
        using var xen = new FixtureXen();

        var sample = xen.Take();

        Assert.All(OfTapdiskOnly, metric => Assert.False(sample.Has(Paravirtual, "vbd_xvda_" + metric)));
    }

    [Fact]
    public void Tapdisk_counts_times_too()
    {
        using var xen = new FixtureXen();
        xen.Xenstore.Values["/local/domain/0/backend/vbd3/2/51728/dev"] = "xvdb";
        // Out of requests; reads submitted, completed, sectors, µs; writes likewise; errors; flags.
        xen.WriteTapdisk("vbd-2-51728", 1, 9, 105, 100, 4096, 1000, 62, 60, 1024, 5000, 0, 0);
        var first = xen.Take();
        Assert.Equal(4096 * 512, first.Integer(Hardware, "vbd_xvdb_read"));
        Assert.Equal(7, first.Integer(Hardware, "vbd_xvdb_inflight"));
        Assert.Equal(double.NaN, first.Float(Hardware, "vbd_xvdb_latency"));

        xen.WriteTapdisk("vbd-2-51728", 1, 9, 141, 140, 8192, 201_000, 71, 70, 5120, 305_000, 0, 0);
        var second = xen.Take(afterSeconds: 4);

        Assert.Equal(8192 * 512, second.Integer(Hardware, "vbd_xvdb_read"));
        Assert.Equal(5120 * 512, second.Integer(Hardware, "vbd_xvdb_write"));
        Assert.Equal(2, second.Float(Hardware, "vbd_xvdb_io_throughput_read"));
        Assert.Equal(2, second.Float(Hardware, "vbd_xvdb_io_throughput_write"));
        Assert.Equal(4, second.Float(Hardware, "vbd_xvdb_io_throughput_total"));
        Assert.Equal(40, second.Float(Hardware, "vbd_xvdb_iops_read"));
        Assert.Equal(10, second.Float(Hardware, "vbd_xvdb_iops_write"));
        Assert.Equal(50, second.Float(Hardware, "vbd_xvdb_iops_total"));
        Assert.Equal(5000, second.Float(Hardware, "vbd_xvdb_read_latency"));
        Assert.Equal(30_000, second.Float(Hardware, "vbd_xvdb_write_latency"));
        Assert.Equal(10_000, second.Float(Hardware, "vbd_xvdb_latency"));
        Assert.Equal(0.5, second.Float(Hardware, "vbd_xvdb_iowait"));
        Assert.Equal(2, second.Integer(Hardware, "vbd_xvdb_inflight"));
        Assert.Equal(0.125, second.Float(Hardware, "vbd_xvdb_avgqu_sz"));
    }

    [Fact]
    public void Latency_is_unknown_while_nothing_is_requested()
    {
        using var xen = new FixtureXen();
        xen.WriteTapdisk("vbd-1-51712", 1, 0, 10, 10, 80, 1000, 5, 5, 40, 500, 0, 0);
        xen.Take();

        xen.WriteTapdisk("vbd-1-51712", 1, 0, 20, 20, 160, 3000, 5, 5, 40, 500, 0, 0);
        var sample = xen.Take();

        Assert.Equal(200, sample.Float(Paravirtual, "vbd_xvda_read_latency"));
        Assert.Equal(double.NaN, sample.Float(Paravirtual, "vbd_xvda_write_latency"));
        Assert.Equal(0, sample.Float(Paravirtual, "vbd_xvda_iops_write"));
    }

    [Fact]
    public void Where_tapdisk_and_the_kernel_serve_one_disk_tapdisk_counts()
    {
        using var xen = new FixtureXen();
        xen.WriteTapdisk("vbd-1-51712", 1, 0, 10, 10, 80, 1000, 5, 5, 40, 500, 0, 0);

        Assert.Equal(80 * 512, xen.Take().Integer(Paravirtual, "vbd_xvda_read"));
    }

    [Theory]
    [InlineData("vbd-2-51728", 2u)]         // another version
    [InlineData("vbd-2", 1u)]
    [InlineData("vbd-2-51728.tmp", 1u)]
    [InlineData("vbd-99-51728", 1u)]        // no such domain
    public void Other_files_are_no_pages_of_tapdisk(string name, uint version)
    {
        using var xen = new FixtureXen();
        xen.Xenstore.Values["/local/domain/0/backend/vbd3/2/51728/dev"] = "xvdb";
        int before = xen.Take().Sources.Count;
        xen.WriteTapdisk(name, version, 0, 10, 10, 80, 1000, 5, 5, 40, 500, 0, 0);

        Assert.Equal(before, xen.Take().Sources.Count);
        Assert.Empty(xen.Errors);
    }

    [Fact]
    public void Pages_of_a_tapdisk_that_has_ended_are_old()
    {
        using var xen = new FixtureXen();
        xen.Xenstore.Values["/local/domain/0/backend/vbd3/2/51728/dev"] = "xvdb";
        xen.WriteTapdisk("vbd-2-51728", 1, 0, 10, 10, 80, 1000, 5, 5, 40, 500, 0, 0);
        Assert.True(xen.Take().Has(Hardware, "vbd_xvdb_read"));

        xen.DeleteFolder($"proc/{Environment.ProcessId}");

        Assert.False(xen.Take().Has(Hardware, "vbd_xvdb_read"));
    }

    [Fact]
    public void A_page_behind_a_link_is_not_believed()
    {
        using var xen = new FixtureXen();
        xen.Xenstore.Values["/local/domain/0/backend/vbd3/2/51728/dev"] = "xvdb";
        xen.WriteTapdisk("page", 1, 0, 10, 10, 80, 1000, 5, 5, 40, 500, 0, 0);
        xen.Link($"shm/td3-{Environment.ProcessId}/vbd-2-51728", "page");

        Assert.False(xen.Take().Has(Hardware, "vbd_xvdb_read"));
    }

    [Theory]
    [InlineData("rd_req")]
    [InlineData("rd_sect")]
    [InlineData("wr_req")]
    [InlineData("wr_sect")]
    public void Another_disk_in_the_place_of_one_starts_anew(string counter)
    {
        using var xen = new FixtureXen();
        xen.Take();
        Assert.Equal(0, xen.Take().Float(Paravirtual, "vbd_xvda_iops_total"));

        xen.Write(Statistics + counter, "0\n");

        Assert.Equal(double.NaN, xen.Take().Float(Paravirtual, "vbd_xvda_iops_total"));
        Assert.Equal(0, xen.Take().Float(Paravirtual, "vbd_xvda_iops_total"));
    }

    [Fact]
    public void A_disk_has_no_values_until_xenstore_knows_its_name()
    {
        using var xen = new FixtureXen();
        const string Name = "/local/domain/0/backend/vbd/1/51712/dev";
        xen.Xenstore.Values.Remove(Name);
        Assert.DoesNotContain(xen.Take().NamesOf(Paravirtual), name => name.StartsWith("vbd_", StringComparison.Ordinal));

        xen.Xenstore.Values[Name] = "xv:da";

        Assert.True(xen.Take().Has(Paravirtual, "vbd_xv/da_read"));
    }
}
