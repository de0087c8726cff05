using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestFramework("CollectorAgent.EndToEnd.Tests.ParallelCases", "CollectorAgent.EndToEnd.Tests")]

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Runs the cases of a class beside each other, unless they share a fixture; xunit itself runs only classes in parallel.</summary>
public sealed class ParallelCases(IMessageSink messages) : XunitTestFramework(messages)
{
    /// <summary>A trait of the tests that take longest: they begin first, so that none of them is the last to end.</summary>
    public const string Long = "Long";

    // More than there are processors: these tests wait for the steps of real agents for most of their time.
    private const int MostAtOnce = 8;

    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider source, IMessageSink messages)
        : XunitTestFrameworkExecutor(assembly, source, messages)
    {
        protected override async void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            using var runner = new Runner(TestAssembly, testCases, DiagnosticMessageSink, executionMessageSink, executionOptions);
            await runner.RunAsync();
        }
    }

    private sealed class Runner(
        ITestAssembly assembly, IEnumerable<IXunitTestCase> cases, IMessageSink messages, IMessageSink execution, ITestFrameworkExecutionOptions options)
        : XunitTestAssemblyRunner(assembly, cases, messages, execution, options)
    {
        protected override async Task<RunSummary> RunTestCollectionsAsync(IMessageBus messageBus, CancellationTokenSource cancellationTokenSource)
        {
            var total = new RunSummary();
            var gate = new Lock();
            var parts = OrderTestCollections().SelectMany(c => Parts(c.Item2).Select(part => (Collection: c.Item1, Cases: part)));
            await Parallel.ForEachAsync(
                parts.OrderByDescending(p => p.Cases[0].Traits.ContainsKey(Long)),
                new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellationTokenSource.Token },
                async (part, _) =>
                {
                    var summary = await RunTestCollectionAsync(messageBus, part.Collection, part.Cases, cancellationTokenSource);
                    lock (gate)
                    {
                        total.Aggregate(summary);
                    }
                });
            return total;
        }

        private static IEnumerable<List<IXunitTestCase>> Parts(List<IXunitTestCase> cases) =>
            SharesFixture(cases[0]) ? [cases] : cases.Select(c => new List<IXunitTestCase> { c });

        private static bool SharesFixture(IXunitTestCase one) => one.TestMethod.TestClass.Class.Interfaces
            .Any(i => i.ToRuntimeType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(IClassFixture<>));
    }
}
