namespace CollectorAgent.Sampling.Tests;

/// <summary>Tests that measure what a thread allocates: no other runs meanwhile, as what it has others collect is allocated again.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
