using Xunit.Abstractions;

// More than there are processors: these tests wait for the steps of real agents for most of their time.
[assembly: CollectionBehavior(MaxParallelThreads = 6)]
[assembly: TestCollectionOrderer("CollectorAgent.EndToEnd.Tests.LongestFirst", "CollectorAgent.EndToEnd.Tests")]

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Has the classes that take longest begin first, so that none of them goes on alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        nameof(TransferKillTests), nameof(PluginTestTests), nameof(TemplateTests), nameof(LifeCycleTests), nameof(UnreadLogTests),
        nameof(UnwritableLogTests), nameof(FullDiskTests), nameof(PluginProcessTests), nameof(PluginTestCutOffTests), nameof(ForeignPluginTests),
        nameof(LifeTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(c => Array.FindIndex(Longest, name => c.DisplayName.EndsWith('.' + name, StringComparison.Ordinal)) is >= 0 and var place
            ? place
            : Longest.Length);
}
