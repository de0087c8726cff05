using CollectorAgent.Cli;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Answers that collectorctl reads, or says that it cannot understand.</summary>
internal static class FuzzedAnswers
{
    public static void Run<T>(string parser, byte[][] seeds, string[] words, ITestOutputHelper output, Func<AgentConnection, Stream, Task<T>> readAsync)
    {
        using var agent = AgentConnection.Create(null, "http://127.0.0.1:1", TimeProvider.System);
        new Fuzzing(parser, seeds, output) { Words = words }.Run(bytes =>
        {
            try
            {
                var reading = readAsync(agent, new MemoryStream(bytes));
                // Nothing waits where everything is in memory.
                Assert.True(reading.IsCompleted);
                reading.GetAwaiter().GetResult();
                return true;
            }
            catch (CliException)
            {
                return false;
            }
        });
    }
}
