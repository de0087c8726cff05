namespace CollectorAgent.HostPlugin.Tests;

public sealed class CpuStatsTests
{
    [Fact]
    public void Cpus_report_seconds_without_work_and_the_average_their_mean()
    {
        using var host = new FixtureHost("plain");

        var sample = host.Take();

        Assert.Equal(3351.49, sample.Float("cpu0"), 1e-9);
        Assert.Equal(3327.10, sample.Float("cpu1"), 1e-9);
        Assert.Equal((3351.49 + 3327.10) / 2, sample.Float("cpu_avg"), 1e-9);
    }

    [Fact]
    public void Cpus_that_are_offline_are_left_out()
    {
        using var host = new FixtureHost("eight-cpus");

        var sample = host.Take();

        Assert.Equal(["cpu0", "cpu1", "cpu3", "cpu4", "cpu6", "cpu7", "cpu_avg"], sample.Names.Where(name => name.StartsWith("cpu")));
        Assert.Equal(10.1 * 8, sample.Float("cpu7"), 1e-9);
    }

    [Fact]
    public void A_cpu_that_comes_or_goes_does_not_make_the_average_jump()
    {
        using var host = new FixtureHost("eight-cpus");
        double before = host.Take().Float("cpu_avg");

        // CPU 7, the one with the longest idle time, goes; CPU 0 is idle for three of five seconds, the other four not at all.
        host.Edit("proc/stat", "cpu7 10 0 10 8000 80 0 0 0 0 0\n", "");
        host.Edit("proc/stat", "cpu0 10 0 10 1000 10 ", "cpu0 10 0 10 1300 10 ");
        var without = host.Take();
        Assert.False(without.Has("cpu7"));
        Assert.Equal(before + 3.0 / 5, without.Float("cpu_avg"), 1e-9);

        host.Edit("proc/stat", "intr ", "cpu7 10 0 10 9000 80 0 0 0 0 0\nintr ");
        host.Edit("proc/stat", "cpu0 10 0 10 1300 10 ", "cpu0 10 0 10 1400 10 ");
        var with = host.Take();
        Assert.Equal(90.8, with.Float("cpu7"), 1e-9);
        Assert.Equal(before + 4.0 / 5, with.Float("cpu_avg"), 1e-9);
    }

    [Fact]
    public void The_average_does_not_go_back_with_the_kernels_iowait()
    {
        using var host = new FixtureHost("plain");
        double before = host.Take().Float("cpu_avg");

        host.Edit("proc/stat", "331884 826", "331884 820");
        host.Edit("proc/stat", "335100 49 0 10 0 0 0\ncpu1", "335300 49 0 10 0 0 0\ncpu1");

        Assert.Equal(before + 1, host.Take().Float("cpu_avg"), 1e-9);
    }

    [Fact]
    public void Damaged_lines_cost_their_own_cpu_only()
    {
        using var host = new FixtureHost("damaged");

        var sample = host.Take();

        Assert.Equal(["cpu0", "cpu_avg"], sample.Names.Where(name => name.StartsWith("cpu")));
        Assert.Equal(10.5, sample.Float("cpu0"));
        Assert.Equal(10.5, sample.Float("cpu_avg"));
    }
}
