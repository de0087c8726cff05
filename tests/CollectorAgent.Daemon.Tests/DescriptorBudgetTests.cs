namespace CollectorAgent.Daemon.Tests;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(256, 14, 3, 28)]
    [InlineData(330, 32, 8, 65)]
    [InlineData(1024, 206, 51, 412)]
    [InlineData(4096, 974, 243, 1948)]
    [InlineData(20000, 4950, 512, 2048)]
    [InlineData(524288, 8192, 512, 2048)]
    public void Readers_pages_and_the_rest_share_what_the_process_may_open(long limit, int connections, int kept, int pages)
    {
        var budget = new DescriptorBudget(limit);

        Assert.Null(budget.Shortage);
        Assert.Equal((connections, kept, pages), (budget.Connections, budget.KeptForSocket, budget.Pages(2048)));
        // At least an eighth of what is free is left for store, plugins and everything else.
        Assert.True(limit - DescriptorBudget.Base - connections - pages >= (limit - DescriptorBudget.Base) / 8);
    }

    [Fact]
    public void Too_few_are_said_with_what_to_do()
    {
        Assert.Null(new DescriptorBudget(DescriptorBudget.Fewest).Shortage);
        Assert.Equal(
            "Only 255 files may be open at once, and the agent needs at least 256. "
                + "Raise the limit with 'ulimit -n' or LimitNOFILE= of systemd.",
            new DescriptorBudget(DescriptorBudget.Fewest - 1).Shortage);
    }
}
