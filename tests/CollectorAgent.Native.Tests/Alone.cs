namespace CollectorAgent.Native.Tests;

/// <summary>Runs while no other test of this room does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
