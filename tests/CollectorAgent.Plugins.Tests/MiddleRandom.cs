namespace CollectorAgent.Plugins.Tests;

/// <summary>Always in the middle: delays are as they stand in the table.</summary>
internal sealed class MiddleRandom : Random
{
    public override double NextDouble() => 0.5;
}
