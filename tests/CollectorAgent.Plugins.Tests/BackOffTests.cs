using CollectorAgent.TestKit;

namespace CollectorAgent.Plugins.Tests;

public sealed class BackOffTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Delays_double_up_to_a_minute_and_then_the_plugin_is_given_up()
    {
        var backOff = new BackOff(_time, new MiddleRandom());

        var delays = Enumerable.Range(0, 11).Select(_ => backOff.After(TimeSpan.Zero)?.TotalSeconds).ToList();

        Assert.Equal([0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, null], delays);
    }

    [Fact]
    public void Good_run_is_followed_by_the_shortest_delay()
    {
        var backOff = new BackOff(_time, new MiddleRandom());
        backOff.After(TimeSpan.Zero);
        backOff.After(TimeSpan.Zero);

        Assert.Equal(0.25, backOff.After(TimeSpan.FromMinutes(1))?.TotalSeconds);
        Assert.Equal(0.5, backOff.After(TimeSpan.Zero)?.TotalSeconds);
    }

    [Fact]
    public void Ends_of_long_ago_do_not_count()
    {
        var backOff = new BackOff(_time, new MiddleRandom());
        for (int i = 0; i < 100; i++)
        {
            Assert.NotNull(backOff.After(TimeSpan.Zero));
            _time.Advance(BackOff.Window / BackOff.MostEnds + TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public void Reset_forgets_all_ends()
    {
        var backOff = new BackOff(_time, new MiddleRandom());
        for (int i = 0; i < BackOff.MostEnds; i++)
        {
            backOff.After(TimeSpan.Zero);
        }

        backOff.Reset();

        Assert.Equal(0.25, backOff.After(TimeSpan.Zero)?.TotalSeconds);
    }

    [Fact]
    public void Delays_differ_by_a_quarter_at_most()
    {
        var random = new Random(1);
        var firsts = Enumerable.Range(0, 1000).Select(_ => new BackOff(_time, random).After(TimeSpan.Zero)!.Value.TotalSeconds).ToList();

        Assert.All(firsts, d => Assert.InRange(d, 0.25 * 0.75, 0.25 * 1.25));
        Assert.True(firsts.Max() - firsts.Min() > 0.25 * 0.4, "they hardly differ");
    }
}
