namespace CollectorAgent.Daemon.Tests;

public sealed class DescriptorBudgetTests
{
    [Theory]
    [InlineData(512, 68, 17, 136, 11)]
    [InlineData(600, 90, 22, 180, 15)]
    [InlineData(1024, 196, 49, 392, 32)]
    [InlineData(4096, 964, 241, 1928, 160)]
    [InlineData(20000, 4940, 512, 2048, 823)]
    [InlineData(524288, 8192, 512, 2048, 21835)]
    public void Readers_pages_and_the_rest_share_what_the_process_may_open(long limit, int connections, int kept, int pages, int plugins)
    {
        var budget = new DescriptorBudget(limit);

        Assert.Null(budget.Shortage);
        Assert.Equal((connections, kept, pages, plugins), (budget.Connections, budget.KeptForSocket, budget.Pages(2048), budget.Plugins));
        // At least an eighth of what is free is left for the store and everything else.
        Assert.True(limit - DescriptorBudget.Base - connections - pages - (3 * plugins) >= (limit - DescriptorBudget.Base) / 8);
    }

    [Fact]
    public void Too_few_are_said_with_what_to_do()
    {
        Assert.Null(new DescriptorBudget(DescriptorBudget.Fewest).Shortage);
        Assert.Equal(
            "Only 511 files may be open at once, and the agent needs at least 512. "
                + "Raise the limit with 'ulimit -n' or LimitNOFILE= of systemd.",
            new DescriptorBudget(DescriptorBudget.Fewest - 1).Shortage);
    }
}
