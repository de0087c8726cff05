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
    public void A_cpu_whose_iowait_steps_back_a_little_was_busy_however_often()
    {
        using var host = new FixtureHost("plain");
        int iowait = 100_000;
        Stat(2500, iowait);
        double before = host.Take().Float("cpu0");

        // 10 ms less each time, two seconds in all, then idle throughout: the sum goes on from where it was.
        for (int i = 0; i < 200; i++)
        {
            Stat(2500, --iowait);
            Assert.Equal(before, host.Take().Float("cpu0"));
        }
        Stat(2500, iowait -= 99);
        Assert.Equal(before, host.Take().Float("cpu0"), 1e-9);
        Stat(3000, iowait);
        Assert.Equal(before + 5, host.Take().Float("cpu0"), 1e-9);

        void Stat(int idle, int wait) => host.Write("proc/stat", $"cpu  1 0 1 {idle} {wait} 0 0 0 0 0\ncpu0 1 0 1 {idle} {wait} 0 0 0 0 0\nintr 0\n");
    }

    [Fact]
    public void A_cpu_whose_idle_time_goes_back_by_more_counts_anew()
    {
        using var host = new FixtureHost("plain");
        host.Write("proc/stat", "cpu0 1 0 1 2500 100 0 0 0 0 0\ncpu1 1 0 1 2500 100 0 0 0 0 0\nintr 0\n");
        double average = host.Take().Float("cpu_avg");
        host.Write("proc/stat", "cpu0 1 0 1 2499 100 0 0 0 0 0\ncpu1 1 0 1 2600 100 0 0 0 0 0\nintr 0\n");
        Assert.Equal(26, host.Take().Float("cpu0"), 1e-9);

        // What is reported goes back with it, so the agent takes that step for unknown; the average is that of the other CPU.
        host.Write("proc/stat", "cpu0 1 0 1 1400 100 0 0 0 0 0\ncpu1 1 0 1 2800 100 0 0 0 0 0\nintr 0\n");
        var sample = host.Take();

        Assert.Equal(15, sample.Float("cpu0"), 1e-9);
        Assert.Equal(average + 0.5 + 2, sample.Float("cpu_avg"), 1e-9);
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
