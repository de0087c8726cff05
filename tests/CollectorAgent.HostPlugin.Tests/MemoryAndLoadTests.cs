namespace CollectorAgent.HostPlugin.Tests;

public sealed class MemoryAndLoadTests
{
    [Fact]
    public void Memory_and_load_are_those_of_the_kernel()
    {
        using var host = new FixtureHost("plain");

        var sample = host.Take();

        Assert.Equal(0.42, sample.Float("loadavg"));
        Assert.Equal(16303428, sample.Integer("memory_total_kib"));
        Assert.Equal(1234568, sample.Integer("memory_free_kib"));
        Assert.Equal(9876544, sample.Integer("memory_available_kib"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("busy 0.31 0.25 2/345 6789\n")]
    [InlineData("infinity 0.31 0.25 2/345 6789\n")]
    [InlineData("nan 0.31 0.25 2/345 6789\n")]
    [InlineData("0.42x 0.31 0.25 2/345 6789\n")]
    public void A_load_that_is_no_number_is_unknown(string text)
    {
        using var host = new FixtureHost("plain");
        host.Write("proc/loadavg", text);

        Assert.Equal(double.NaN, host.Take().Float("loadavg"));
    }

    [Fact]
    public void A_load_that_cannot_be_read_is_unknown()
    {
        using var host = new FixtureHost("plain");
        host.Delete("proc/loadavg");

        Assert.Equal(double.NaN, host.Take().Float("loadavg"));
    }

    [Fact]
    public void Memory_lines_that_are_damaged_or_cut_off_are_left_out()
    {
        using var host = new FixtureHost("damaged");

        Assert.Equal(["memory_total_kib"], host.Take().Names.Where(name => name.StartsWith("memory")));
    }
}
