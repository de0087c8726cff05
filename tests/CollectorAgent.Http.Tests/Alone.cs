namespace CollectorAgent.Http.Tests;

/// <summary>Tests that measure what this process takes: no other runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
