using System.Globalization;
using Xunit.Abstractions;

namespace CollectorAgent.Requirements;

/// <summary>The seed of a test's random choices: printed, and taken from COLLECTOR_AGENT_SEED where a failure is to be seen
/// again.</summary>
internal static class Seed
{
    public static Random Random(ITestOutputHelper output)
    {
        int seed = Environment.GetEnvironmentVariable("COLLECTOR_AGENT_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : System.Random.Shared.Next();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"COLLECTOR_AGENT_SEED={seed}"));
        return new Random(seed);
    }
}
