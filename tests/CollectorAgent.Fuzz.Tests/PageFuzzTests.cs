using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Sample pages of the versions that have numbers beside their metadata.</summary>
public sealed class PageFuzzTests(ITestOutputHelper output)
{
    private const string Metadata = """
        {"datasources":{"cpu0":{"value_type":"float","owner":"vm a","min":"-inf","max":Infinity,"default":"true","transform":"inverse","type":"gauge"},
        "c":{"value_type":"int64","owner":"sr b","type":"derive","units":"μs","description":"\"\u00b0"}}}
        """;

    private static readonly ReportedSource[] Sources = [new("a") { Owner = new(OwnerKind.Vm, "x") }, new("b") { IsInteger = true, Units = "B" }];

    [Fact]
    public void Page_of_version_1_or_2_is_a_sample_or_has_a_status() =>
        new Fuzzing("page", Seeds(), output)
        {
            Finish = FuzzedPages.Seal,
            Words = FuzzedPages.Words,
            MaxAllocatedBytes = FuzzedPages.MaxAllocatedBytes,
        }.Run(FuzzedPages.IsSample);

    private static IEnumerable<byte[]> Seeds() =>
    [
        PageWriter.Version1(1_700_000_000.25, Sources, [1, 2]),
        PageWriter.Version2(1_700_000_000.25, Sources, [1, 2]),
        PageWriter.Version2(1_700_000_005, [.. Enumerable.Range(0, 20).Select(i => new ReportedSource($"s{i}"))], new long[20]),
        FuzzedPages.Version2(Encoding.UTF8.GetBytes(Metadata), 2),
        .. Directory.EnumerateFiles(Repository.PathOf("tests/badpages"), "v1-*").Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
        .. Directory.EnumerateFiles(Repository.PathOf("tests/badpages"), "v2-*").Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
    ];
}
