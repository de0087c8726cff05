namespace CollectorAgent.Rrd.Tests;

/// <summary>The geometry lies on disk and on the wire: whoever changes it must say what becomes of the archives there are.</summary>
public sealed class ArchiveLayoutTests
{
    [Fact]
    public void Averages_cover_ten_minutes_two_hours_a_week_and_a_year()
    {
        Assert.Equal(5, ArchiveLayout.Averages.StepSeconds);
        Assert.Equal(
            [
                new(ConsolidationFunction.Average, 1, 120, 0.5),
                new(ConsolidationFunction.Average, 12, 120, 0.5),
                new(ConsolidationFunction.Average, 720, 168, 0.5),
                new(ConsolidationFunction.Average, 17280, 366, 0.5),
            ],
            ArchiveLayout.Averages.Rras);
    }

    [Fact]
    public void Minima_and_maxima_stand_beside_the_averages_from_the_minute_up()
    {
        Assert.Equal(5, ArchiveLayout.AveragesMinMax.StepSeconds);
        Assert.Equal(
            [
                new(ConsolidationFunction.Average, 1, 120, 0.5),
                new(ConsolidationFunction.Average, 12, 120, 1),
                new(ConsolidationFunction.Min, 12, 120, 1),
                new(ConsolidationFunction.Max, 12, 120, 1),
                new(ConsolidationFunction.Average, 720, 168, 1),
                new(ConsolidationFunction.Min, 720, 168, 1),
                new(ConsolidationFunction.Max, 720, 168, 1),
                new(ConsolidationFunction.Average, 17280, 366, 1),
                new(ConsolidationFunction.Min, 17280, 366, 1),
                new(ConsolidationFunction.Max, 17280, 366, 1),
            ],
            ArchiveLayout.AveragesMinMax.Rras);
    }

    [Fact]
    public void Every_level_of_the_standard_layouts_is_the_mean_of_its_steps()
    {
        foreach (var layout in new[] { ArchiveLayout.Averages, ArchiveLayout.AveragesMinMax })
        {
            var tile = new Tile(layout, [new("g", DataSourceType.Gauge)], 0);
            for (int step = 1; step <= 2 * 17280; step++)
            {
                tile.Take(5 * step, step);
            }

            for (int rra = 0; rra < layout.Rras.Count; rra++)
            {
                var (function, pdps, _, _) = layout.Rras[rra];
                double first = 2 * 17280 - pdps + 1;
                double expected = function switch
                {
                    ConsolidationFunction.Min => first,
                    ConsolidationFunction.Max => 2 * 17280,
                    _ => (first + 2 * 17280) / 2,
                };
                Assert.Equal(expected, tile.Newest(rra), 1e-8);
            }
        }
    }

    [Theory]
    [InlineData(0, 1, 1, 0.5)]
    [InlineData(5, 0, 1, 0.5)]
    [InlineData(5, 1, 0, 0.5)]
    [InlineData(5, 1, 1, 1.01)]
    [InlineData(5, 1, 1, -0.01)]
    [InlineData(5, 1, 1, double.NaN)]
    public void Layout_that_cannot_be_is_refused(int step, int pdpPerCdp, int rows, double xff) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new ArchiveLayout(step, [new(ConsolidationFunction.Average, pdpPerCdp, rows, xff)]));
}
