namespace CollectorAgent.Rrd.Tests;

/// <summary>Samples taken shortly before a step is over end it where the tick says so.</summary>
public sealed class EndedEarlyTests
{
    private static readonly ArchiveLayout Layout = new(5, [new(ConsolidationFunction.Average, 1, 8, 0.5)]);

    private readonly Tile _tile = new(Layout, [new("d", DataSourceType.Derive) { IsInteger = true }], 2);

    [Fact]
    public void Rest_of_a_step_that_ended_early_counts_for_the_step_after()
    {
        _tile.TakeInteger(10, 0);
        _tile.Update(14.5, [45], [true], 3);
        _tile.TakeInteger(20, 45 + 11 * 20);

        Assert.Equal([10, 40], _tile.Newest(0, 2));
    }

    [Fact]
    public void Newer_sample_in_a_step_that_ended_early_is_taken()
    {
        _tile.TakeInteger(10, 0);
        _tile.Update(14.5, [45], [true], 3);

        Assert.True(_tile.TakeInteger(14.75, 45 + 10));
        Assert.Equal(3, _tile.LastStep);
        _tile.TakeInteger(20, 45 + 11 * 20);

        Assert.Equal([10, 40], _tile.Newest(0, 2));
    }

    [Fact]
    public void Step_cannot_be_kept_open_past_its_end() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _tile.Update(15, [1], [true], 2));
}
