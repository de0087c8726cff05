using System.Diagnostics;
using static CollectorAgent.XenPlugin.Tests.FixtureXen;

namespace CollectorAgent.XenPlugin.Tests;

/// <summary>What fails costs its own values only.</summary>
public sealed class BoundaryTests
{
    [Fact]
    public void Without_xenstore_the_hypervisors_values_go_on()
    {
        using var xen = new FixtureXen();
        var whole = xen.Take();
        Assert.True(whole.Has(Paravirtual, "memory_target"));

        xen.Xenstore.IsAway = true;
        var sample = xen.Take();

        Assert.Equal(
            whole.Sources.Select(source => source.Name).Where(name => name is not
                ("memory_target" or "memory_internal_free" or "memory_reclaimed" or "memory_reclaimed_max")),
            sample.Sources.Select(source => source.Name).Where(name => name != "memory_internal_free"));
        Assert.True(sample.Has(Control, "memory_internal_free"));
        Assert.False(sample.Has(Paravirtual, "memory_internal_free"));
        Assert.Equal(["memory in xenstore: xenstore is away"], xen.Errors.Where(line => line.StartsWith("memory", StringComparison.Ordinal)));

        xen.Xenstore.IsAway = false;
        Assert.Equal(whole.Sources, xen.Take().Sources);
        Assert.Contains("memory in xenstore: complete again", xen.Errors);
    }

    [Fact]
    public void Without_the_hypervisor_there_are_no_values_of_it_and_they_come_back()
    {
        using var xen = new FixtureXen();
        int all = xen.Take().Sources.Count;

        xen.Hypervisor.IsAway = true;
        Assert.Empty(xen.Take().Sources);
        xen.Take();
        Assert.Equal(["domains", "CPUs", "memory"], xen.Errors.Select(line => line.Split(':')[0]));

        xen.Hypervisor.IsAway = false;
        Assert.Equal(all, xen.Take().Sources.Count);
    }

    [Fact]
    public void Where_the_hypervisor_tells_of_some_domains_only_they_are_not_taken_for_all()
    {
        using var xen = new FixtureXen();
        xen.Hypervisor.HidesVcpusOf = 2;

        var sample = xen.Take();

        Assert.Equal(["cpu0", "cpu_avg", "memory_total_kib", "memory_free_kib"], sample.Sources.Select(source => source.Name));
        Assert.StartsWith("domains: ", Assert.Single(xen.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_sysfs_everything_else_is_there()
    {
        using var xen = new FixtureXen();
        xen.DeleteFolder("sys");

        var sample = xen.Take();

        Assert.DoesNotContain(sample.Sources, source => source.Name.StartsWith('v'));
        Assert.True(sample.Has(Paravirtual, "memory_target"));
        Assert.StartsWith("interfaces of VMs: ", Assert.Single(xen.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void A_xenstore_that_hangs_is_waited_for_once_and_asked_again_when_it_has_answered()
    {
        using var hung = new ManualResetEventSlim(false);
        var inner = new HangingXenstore(hung);
        var xenstore = new XenstoreWithDeadline(inner, TimeSpan.FromSeconds(2));
        Assert.Equal("/quick", xenstore.Read("/quick"));

        Assert.Throws<IOException>(() => xenstore.Read("/hang"));
        long start = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < 1000; i++)
        {
            Assert.Throws<IOException>(() => xenstore.Read("/other"));
        }
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "each read waits for the one that hangs");
        Assert.Equal(2, inner.Reads);

        hung.Set();
        Assert.True(SpinWait.SpinUntil(() => Answers(xenstore), TimeSpan.FromSeconds(120)));
        Assert.Equal("/quick", xenstore.Read("/quick"));
    }

    [Fact]
    public void An_error_of_xenstore_is_told_to_whoever_asked()
    {
        var xenstore = new XenstoreWithDeadline(new RecordedXenstore { IsAway = true }, TimeSpan.FromSeconds(30));

        Assert.Equal("xenstore is away", Assert.Throws<IOException>(() => xenstore.Read("/a")).Message);
        Assert.Equal("xenstore is away", Assert.Throws<IOException>(() => xenstore.Read("/b")).Message);
    }

    [Fact]
    public void While_nothing_comes_or_goes_a_sample_allocates_little()
    {
        using var xen = new FixtureXen();
        xen.Publish();
        xen.Publish();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            xen.Publish();
        }

        // File handles, the lists of folders, and texts from xenstore.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 0, 8 * 1024);
    }

    private static bool Answers(XenstoreWithDeadline xenstore)
    {
        try
        {
            return xenstore.Read("/quick") is not null;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private sealed class HangingXenstore(ManualResetEventSlim answers) : IXenstore
    {
        public int Reads { get; private set; }

        public string? Read(string path)
        {
            Reads++;
            if (path == "/hang")
            {
                answers.Wait();
            }
            return path;
        }
    }
}
